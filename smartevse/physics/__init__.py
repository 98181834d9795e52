"""How the world behaves: hat electronics, car, contactor, lock, house and sun. Pure: time is an argument."""
