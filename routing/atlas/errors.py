"""What can go wrong while map data is made or read."""


class AtlasError(Exception):
    """Map data cannot be built or read; the message is one sentence for the person who started the build."""
