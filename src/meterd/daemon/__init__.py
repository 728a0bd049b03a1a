"""The running daemon: `daemon` builds it, `drive` is the path of the data, the rest its tasks."""
