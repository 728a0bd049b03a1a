-- Schema 1. Times named _ms are epoch milliseconds UTC; amounts are integers in the base unit
-- of their quantity (joules, millilitres, ...). Nothing is ever summed in floating point.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID, STRICT;

-- What every owner of state resumes from, as of the last commit.
CREATE TABLE states (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;

-- One source of one meter; interval rows carry its number and not its four names.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    meter TEXT NOT NULL,
    quantity TEXT NOT NULL,
    method TEXT NOT NULL,
    phase TEXT NOT NULL,
    UNIQUE (meter, quantity, method, phase)
) STRICT;

-- The key begins with the hour (hours since the epoch), so rows arriving together lie
-- together: a commit touches a few pages whatever the number of meters, and a month of one
-- series is some 720 short runs. A series-first key wrote 33 times as many bytes (1,000
-- series, 3 days). start_ms and end_ms are computed and take no room.
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

-- A source of a bill in one of its periods; sample rows carry its number.
CREATE TABLE bill_sources (
    id INTEGER PRIMARY KEY,
    bill TEXT NOT NULL,
    period_start_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    series INTEGER NOT NULL REFERENCES series (id),
    UNIQUE (bill, period_start_ms, kind, series)
) STRICT;

-- discarded is part of the key: what a bill refused stands beside what it took.
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

CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    meter TEXT NOT NULL,
    quantity TEXT NOT NULL,
    numbers TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_time ON events (at_ms, id);

-- Closed billing periods and adjustments: written once, for good.
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
CREATE TRIGGER periods_never_change BEFORE UPDATE ON periods
BEGIN SELECT RAISE(ABORT, 'a closed period never changes'); END;
CREATE TRIGGER periods_never_go BEFORE DELETE ON periods
BEGIN SELECT RAISE(ABORT, 'a closed period is never deleted'); END;

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
) STRICT;
CREATE INDEX adjustments_by_bill ON adjustments (bill, at_ms, id);
CREATE TRIGGER adjustments_never_change BEFORE UPDATE ON adjustments
BEGIN SELECT RAISE(ABORT, 'an adjustment never changes'); END;
CREATE TRIGGER adjustments_never_go BEFORE DELETE ON adjustments
BEGIN SELECT RAISE(ABORT, 'an adjustment is never deleted'); END;

-- Facts on their way to a sink; a row goes when the other side has acknowledged it.
CREATE TABLE outbox (
    sink TEXT NOT NULL,
    seq INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    retain INTEGER NOT NULL CHECK (retain IN (0, 1)),
    PRIMARY KEY (sink, seq)
) WITHOUT ROWID, STRICT;

-- The last number given out, kept when the outbox is empty.
CREATE TABLE sinks (
    sink TEXT NOT NULL PRIMARY KEY,
    last_seq INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- Seed 001. Dates are ISO 8601 text; the doubles are for people, the exact figures stand
-- in our own columns after the seed's.
CREATE TABLE unit_of_measures (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE locations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE equipment (
    id TEXT NOT NULL PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    location_id TEXT REFERENCES locations (id)
) STRICT;

CREATE TABLE meter_types (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    usage_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id),
    cost_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id)
) STRICT;

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
) STRICT;
CREATE INDEX meter_records_by_time ON meter_records (start_ms, id);
CREATE INDEX meter_records_by_configuration ON meter_records (configuration, start_ms, id);

-- What pruned records had counted, so that the books of a configuration still add up.
CREATE TABLE pruned_records (
    configuration TEXT NOT NULL PRIMARY KEY,
    records INTEGER NOT NULL,
    usage_amount INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
