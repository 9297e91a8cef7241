"""The engines that there are: modules with ``SCHEMES`` and ``make``."""
