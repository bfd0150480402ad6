"""What can go wrong in the store. Each message names the bad value and the remedy."""

from __future__ import annotations


class StoreError(Exception):
    """Base of everything the store raises on purpose."""


class DatabaseMissing(StoreError):
    """There is no database file, or it holds no catalog yet."""


class DatabaseBroken(StoreError):
    """The file is not a database of this application, is damaged, or was written by a newer version."""


class DatabaseBusy(StoreError):
    """Somebody else holds the database for longer than we wait."""


class UnknownItem(StoreError, KeyError):
    """An item id that the catalog does not have."""

    def __init__(self, item_id: object) -> None:
        super().__init__(f"no item {item_id!r} in the catalog; item ids come from Catalog.ids")

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0])


class UnknownRecord(StoreError):
    """A conversation, message or profile entry that does not exist, or belongs to another user."""


class InvalidPreference(StoreError):
    """A preference that the profile log does not accept."""


class ImportFailed(StoreError):
    """A source table that cannot be read as what it should be."""
