"""The installer's check of a station: one table of checks, from the supply to the closed contactor."""
