-- Schema 5: as the file of this number for SQLite.

CREATE TABLE users (
    name TEXT COLLATE "C" PRIMARY KEY,
    password TEXT NOT NULL,
    level BIGINT NOT NULL CHECK (level BETWEEN 1 AND 10),
    roles TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_ms BIGINT,
    modified_by TEXT
);

CREATE TABLE roles (
    name TEXT COLLATE "C" PRIMARY KEY,
    description TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL
);

CREATE TABLE grants (
    bill TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('user', 'role')),
    holder TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_ms BIGINT,
    PRIMARY KEY (bill, kind, holder)
);

CREATE TABLE sessions (
    sha256 TEXT COLLATE "C" PRIMARY KEY,
    "user" TEXT COLLATE "C" NOT NULL,
    via TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    level BIGINT CHECK (level BETWEEN 1 AND 10),
    roles TEXT NOT NULL
);
