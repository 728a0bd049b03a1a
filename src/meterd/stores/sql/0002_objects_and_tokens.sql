-- Schema 2. What people make through the API, and who may ask. Times named _ms are epoch
-- milliseconds UTC. Each change stands in `events`, with the one who made it.

-- body: JSON in the words of the configuration file, so that it can be checked like one, and
-- pasted into one.
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

-- sha256: of the whole token, in hex; the token itself is nowhere. scopes: parted by blanks.
CREATE TABLE tokens (
    name TEXT NOT NULL PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_ms INTEGER,
    used_ms INTEGER
) WITHOUT ROWID, STRICT;
