BEGIN TRANSACTION;
PRAGMA application_id = 1836348004;
PRAGMA user_version = 5;
CREATE TABLE adjustments (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    bill TEXT NOT NULL,
    period_start_ms INTEGER NOT NULL,
    open_period_start_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    meter TEXT NOT NULL,
    method TEXT NOT NULL,
    amount INTEGER NOT NULL,
    before INTEGER NOT NULL,
    after INTEGER NOT NULL
, rates TEXT NOT NULL DEFAULT '{}') STRICT;
INSERT INTO "adjustments" VALUES(1,'01KDWPVNG10000000000000001','tenant-a',1,2,1767268800001,'late','main','measured',5,100,105,'{}');
CREATE TABLE bill_sources (
    id INTEGER PRIMARY KEY,
    bill TEXT NOT NULL,
    period_start_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    series INTEGER NOT NULL REFERENCES series (id),
    UNIQUE (bill, period_start_ms, kind, series)
) STRICT;
INSERT INTO "bill_sources" VALUES(1,'tenant-a',1767268800000,'energy',1);
CREATE TABLE equipment (
    id TEXT NOT NULL PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    location_id TEXT REFERENCES locations (id)
, description TEXT) STRICT;
INSERT INTO "equipment" VALUES('0000000000-R3ADDWJW-QZZ0N147','conveyor-1','conveyor-1','0000000000-25A3PN35-PVTTTQ2E',NULL);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    meter TEXT NOT NULL,
    quantity TEXT NOT NULL,
    numbers TEXT NOT NULL
) STRICT;
INSERT INTO "events" VALUES(1,'01KDWPXG300000000000000001',1767268860000,'rollover','main','','{"n":1}');
INSERT INTO "events" VALUES(2,'01KDWPZAP00000000000000002',1767268920000,'rollover','main','','{"n":2}');
CREATE TABLE grants (
    bill TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'role')),
    holder TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_ms INTEGER,
    PRIMARY KEY (bill, kind, holder)
) WITHOUT ROWID, STRICT;
INSERT INTO "grants" VALUES('tenant-a','role','tenants',1767268800000,'anna',1767268800009);
CREATE TABLE intervals (
    hour INTEGER NOT NULL,
    series INTEGER NOT NULL,
    offset_ms INTEGER NOT NULL,
    length_ms INTEGER NOT NULL CHECK (length_ms > 0),
    amount INTEGER NOT NULL,
    gap INTEGER NOT NULL,
    questionable INTEGER NOT NULL,
    missing_ms INTEGER NOT NULL,
    gap_from_ms INTEGER NOT NULL,
    gap_to_ms INTEGER NOT NULL,
    event TEXT NOT NULL,
    start_ms INTEGER AS (hour * 3600000 + offset_ms) VIRTUAL,
    end_ms INTEGER AS (hour * 3600000 + offset_ms + length_ms) VIRTUAL,
    PRIMARY KEY (hour, series, offset_ms)
) WITHOUT ROWID, STRICT;
INSERT INTO "intervals" VALUES(490908,1,0,300000,50,0,0,0,0,0,'');
INSERT INTO "intervals" VALUES(490908,1,300000,300000,70,60,3,20,5,9,'rollover');
CREATE TABLE "locations" (
    id TEXT NOT NULL PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT
) STRICT;
INSERT INTO "locations" VALUES('0000000000-25A3PN35-PVTTTQ2E','line-1','line-1',NULL);
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID, STRICT;
INSERT INTO "meta" VALUES('committed_ms',X'31373637323638383030303030');
INSERT INTO "meta" VALUES('epoch',X'6669727374');
CREATE TABLE meter_records (
    id TEXT NOT NULL PRIMARY KEY,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created_date TEXT NOT NULL,
    created_by TEXT NOT NULL,
    modified_date TEXT,
    modified_by TEXT,
    notes TEXT,
    spare1 TEXT,
    spare2 TEXT,
    spare3 TEXT,
    name TEXT NOT NULL,
    description TEXT,
    location_id TEXT REFERENCES locations (id),
    equipment_id TEXT NOT NULL REFERENCES equipment (id),
    meter_type_id TEXT NOT NULL REFERENCES meter_types (id),
    status TEXT NOT NULL CHECK (status IN
        ('IDLE', 'RUNNING', 'COMPLETED', 'FAULTED', 'CANCELLED', 'UNKNOWN', 'PAUSED')),
    start_date TEXT NOT NULL,
    end_date TEXT,
    total_duration_sec REAL NOT NULL DEFAULT 0.0,
    usage_value REAL NOT NULL DEFAULT 0.0,
    cost REAL NOT NULL DEFAULT 0.0,
    usage_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id),
    cost_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id),
    to_be_pruned INTEGER NOT NULL DEFAULT 0 CHECK (to_be_pruned IN (0, 1)),
    configuration TEXT NOT NULL,
    run INTEGER NOT NULL,
    cut_by TEXT NOT NULL,
    usage_amount INTEGER NOT NULL,
    cost_exact TEXT,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER
, kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1))) STRICT;
INSERT INTO "meter_records" VALUES('01KDWPXG30-00000000-00000001',1,'2026-01-01T12:01:00Z','meterd','2026-01-01T12:01:30.500Z','anna','by hand','a',NULL,'c','Conveyor water Run 1','Water usage on conveyor line 1','0000000000-25A3PN35-PVTTTQ2E','0000000000-R3ADDWJW-QZZ0N147','0000000000-79CW6G32-Q05SDKN3','COMPLETED','2026-01-01T12:01:00Z','2026-01-01T12:01:30Z',30.0,36.054,13.7,'0000000000-4448MSNE-TQF7P2V0','0000000000-5BWZHA1B-B1QJ0938',0,'Conveyor water',1,'duration',36054000,'13.70052',1767268860000,1767268890000,0);
INSERT INTO "meter_records" VALUES('01KDWPZAP0-00000000-00000002',1,'2026-01-01T12:02:00Z','meterd',NULL,NULL,'by hand','a',NULL,'c','Conveyor water Run 2','Water usage on conveyor line 1','0000000000-25A3PN35-PVTTTQ2E','0000000000-R3ADDWJW-QZZ0N147','0000000000-79CW6G32-Q05SDKN3','RUNNING','2026-01-01T12:02:00Z',NULL,0.0,0.0,0.0,'0000000000-4448MSNE-TQF7P2V0','0000000000-5BWZHA1B-B1QJ0938',0,'Conveyor water',2,'',0,'0',1767268920000,NULL,0);
CREATE TABLE "meter_types" (
    id TEXT NOT NULL PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    usage_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id),
    cost_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id)
) STRICT;
INSERT INTO "meter_types" VALUES('0000000000-79CW6G32-Q05SDKN3','water','water',NULL,'0000000000-4448MSNE-TQF7P2V0','0000000000-5BWZHA1B-B1QJ0938');
CREATE TABLE objects (
    id TEXT NOT NULL PRIMARY KEY,
    entity TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    modified_ms INTEGER,
    modified_by TEXT,
    UNIQUE (entity, name)
) WITHOUT ROWID, STRICT;
INSERT INTO "objects" VALUES('000000000000000000000000H1','POWERMETER','solar','{"name":"solar","rated_capacity_kw":22.5}',1767268800000,'anna',NULL,NULL);
CREATE TABLE outbox (
    sink TEXT NOT NULL,
    seq INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    retain INTEGER NOT NULL CHECK (retain IN (0, 1)),
    PRIMARY KEY (sink, seq)
) WITHOUT ROWID, STRICT;
INSERT INTO "outbox" VALUES('mqtt',4,'site/events',X'7B22736571223A347D',0);
INSERT INTO "outbox" VALUES('mqtt',5,'site/bills',X'00FF',1);
CREATE TABLE periods (
    seq INTEGER PRIMARY KEY,
    bill TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
    closed_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    previous_sha256 TEXT NOT NULL,
    UNIQUE (bill, start_ms)
) STRICT;
INSERT INTO "periods" VALUES(1,'tenant-a',1769860800000,1769860800001,1769860800002,X'7B2275736564223A2231227D','new','old');
CREATE TABLE pruned_records (
    configuration TEXT NOT NULL PRIMARY KEY,
    records INTEGER NOT NULL,
    usage_amount INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE TABLE roles (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL
) WITHOUT ROWID, STRICT;
INSERT INTO "roles" VALUES('tenants','Whoever rents',1767268800000,'anna');
CREATE TABLE samples (
    hour INTEGER NOT NULL,
    source INTEGER NOT NULL,
    offset_ms INTEGER NOT NULL,
    discarded INTEGER NOT NULL CHECK (discarded IN (0, 1)),
    length_ms INTEGER NOT NULL CHECK (length_ms > 0),
    amount INTEGER NOT NULL,
    gap INTEGER NOT NULL,
    questionable INTEGER NOT NULL,
    missing_ms INTEGER NOT NULL,
    gap_from_ms INTEGER NOT NULL,
    gap_to_ms INTEGER NOT NULL,
    event TEXT NOT NULL,
    start_ms INTEGER AS (hour * 3600000 + offset_ms) VIRTUAL,
    end_ms INTEGER AS (hour * 3600000 + offset_ms + length_ms) VIRTUAL,
    PRIMARY KEY (hour, source, offset_ms, discarded)
) WITHOUT ROWID, STRICT;
INSERT INTO "samples" VALUES(490908,1,0,0,300000,50,0,0,0,0,0,'');
INSERT INTO "samples" VALUES(490908,1,300000,1,300000,70,60,3,20,5,9,'rollover');
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    meter TEXT NOT NULL,
    quantity TEXT NOT NULL,
    method TEXT NOT NULL,
    phase TEXT NOT NULL,
    UNIQUE (meter, quantity, method, phase)
) STRICT;
INSERT INTO "series" VALUES(1,'main','energy_import','measured','');
CREATE TABLE sessions (
    sha256 TEXT NOT NULL PRIMARY KEY,
    user TEXT NOT NULL,
    via TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    level INTEGER CHECK (level BETWEEN 1 AND 10),
    roles TEXT NOT NULL
) WITHOUT ROWID, STRICT;
INSERT INTO "sessions" VALUES('0000000000000000000000000000000000000000000000000000000000000000','tom','oidc',1767268800000,1767268800000,1767268800009,3,'staff');
CREATE TABLE sinks (
    sink TEXT NOT NULL PRIMARY KEY,
    last_seq INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
INSERT INTO "sinks" VALUES('mqtt',5);
CREATE TABLE states (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;
INSERT INTO "states" VALUES('meter','main',X'007374617465');
INSERT INTO "states" VALUES('bill','tenant-a',X'7B7D');
CREATE TABLE tokens (
    name TEXT NOT NULL PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_ms INTEGER,
    used_ms INTEGER
) WITHOUT ROWID, STRICT;
INSERT INTO "tokens" VALUES('grafana','67726166616e6100000000000000000000000000000000000000000000000000','read push:main',1767268800000,'anna',1767268800005,1767268800000);
CREATE TABLE unit_of_measures (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "unit_of_measures" VALUES('0000000000-4448MSNE-TQF7P2V0','m3');
INSERT INTO "unit_of_measures" VALUES('0000000000-5BWZHA1B-B1QJ0938','EUR');
CREATE TABLE users (
    name TEXT NOT NULL PRIMARY KEY,
    password TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 10),
    roles TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    modified_ms INTEGER,
    modified_by TEXT
) WITHOUT ROWID, STRICT;
INSERT INTO "users" VALUES('tom','$argon2id$',5,'tenants staff',1767268800000,'anna',1767268800001,'anna');
CREATE INDEX events_by_time ON events (at_ms, id);
CREATE TRIGGER periods_never_change BEFORE UPDATE ON periods
BEGIN SELECT RAISE(ABORT, 'a closed period never changes'); END;
CREATE TRIGGER periods_never_go BEFORE DELETE ON periods
BEGIN SELECT RAISE(ABORT, 'a closed period is never deleted'); END;
CREATE INDEX adjustments_by_bill ON adjustments (bill, at_ms, id);
CREATE TRIGGER adjustments_never_change BEFORE UPDATE ON adjustments
BEGIN SELECT RAISE(ABORT, 'an adjustment never changes'); END;
CREATE TRIGGER adjustments_never_go BEFORE DELETE ON adjustments
BEGIN SELECT RAISE(ABORT, 'an adjustment is never deleted'); END;
CREATE INDEX meter_records_by_time ON meter_records (start_ms, id);
CREATE INDEX meter_records_by_configuration ON meter_records (configuration, start_ms, id);
COMMIT;
