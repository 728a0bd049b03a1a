"""The parts of the BACnet/IP reader: what is said is pure, how it is carried is apart."""
