-- Schema 3. What records refer to has a tag, which is its name in the configuration, beside the
-- name that people read; two things may be called alike. Run with foreign keys off, for tables
-- are made anew.

CREATE TABLE locations_anew (
    id TEXT NOT NULL PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT
) STRICT;
INSERT INTO locations_anew SELECT id, name, name, NULL FROM locations;
DROP TABLE locations;
ALTER TABLE locations_anew RENAME TO locations;

CREATE TABLE meter_types_anew (
    id TEXT NOT NULL PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT,
    usage_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id),
    cost_unit_of_measure_id TEXT NOT NULL REFERENCES unit_of_measures (id)
) STRICT;
INSERT INTO meter_types_anew
SELECT id, name, name, NULL, usage_unit_of_measure_id, cost_unit_of_measure_id FROM meter_types;
DROP TABLE meter_types;
ALTER TABLE meter_types_anew RENAME TO meter_types;

ALTER TABLE equipment ADD COLUMN description TEXT;

-- kept: an operator has taken the mark `to_be_pruned` off; the nights leave the record alone.
ALTER TABLE meter_records ADD COLUMN kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1));
