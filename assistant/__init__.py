"""A recommender you talk to, that can always say why.

    from assistant import Assistant
    with Assistant.open("tellwhy.db") as assistant:
        print(assistant.reply(user="ann", text="I loved Heat and Alien, nothing too long").text)
"""

from assistant.conversation import Assistant
from assistant.events import Reply, Turn
from assistant.state import DialogueState, Profile, StateChange
from store.records import Contribution, Item, Preference, Recommendation

__all__ = [
    "Assistant", "Contribution", "DialogueState", "Item", "Preference", "Profile", "Recommendation", "Reply", "StateChange", "Turn",
]
