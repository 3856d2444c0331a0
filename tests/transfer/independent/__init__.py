"""Readers of the sample files that share nothing with the importers but the files: other parsers, and their own rules.

They take a file whole, and know only what is in the samples. What an importer makes of one is compared with it.
"""
