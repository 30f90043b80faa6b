"""The commands: each reads its options, calls one function, says the result."""
