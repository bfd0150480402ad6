"""What TellWhy remembers: the catalog, the profiles and the conversations, in one SQLite file.

Knows nothing of the language model, of scoring or of the page.
"""
