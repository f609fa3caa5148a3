"""Measurements of one thing each, beside the table of contenders and loads."""


def all_extras(quick):
    return []
