"""The simulated station: servers that speak the hardware's protocols, with the physics behind them."""
