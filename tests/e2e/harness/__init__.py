"""Real Envoys, fake providers and the clients between which they stand."""
