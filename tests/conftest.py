"""For the whole suite: properties are searched without a deadline, because machines are shared and noisy."""

from hypothesis import settings

settings.register_profile("suite", deadline=None, print_blob=True)
settings.load_profile("suite")
