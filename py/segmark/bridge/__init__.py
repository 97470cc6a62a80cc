"""The Python half of the bridge: page <-> session <-> inference worker (README.md is the contract)."""
