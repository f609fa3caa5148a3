"""A measurement of one thing, beside the table of contenders and loads."""


class Extra:
    """Measures into a dict that JSON can hold, and shows such a dict as Markdown; 'seconds' is what it takes at most."""
    key, title, seconds = None, None, 60

    def __init__(self, quick):
        self.quick = quick

    def measure(self):
        raise NotImplementedError

    def show(self, data):
        raise NotImplementedError
