"""Charging stories in virtual time: given, at t = ..., expect."""
