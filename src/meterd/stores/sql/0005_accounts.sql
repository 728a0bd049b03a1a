-- Schema 5. Who may log in, and what they may see. Times named _ms are epoch milliseconds UTC.
-- Each change stands in `events`, with the one who made it.

-- password: an Argon2id hash in its own notation, '' where somebody else vouches for the user.
-- roles: parted by blanks.
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

CREATE TABLE roles (
    name TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- kind: of the holder, user or role. A bill is named; it may be in the configuration file.
CREATE TABLE grants (
    bill TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'role')),
    holder TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_ms INTEGER,
    PRIMARY KEY (bill, kind, holder)
) WITHOUT ROWID, STRICT;

-- sha256: of what the browser has, in hex; that itself is nowhere. level, roles: as another
-- provider says, NULL and '' where the table of users does.
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
