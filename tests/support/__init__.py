"""What the tests stand on: real servers on free loopback ports, a browser, and the rule for skips."""
