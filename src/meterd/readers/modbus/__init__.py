"""What Modbus lines share. Frames, words and planning are pure; only `client` has a socket."""
