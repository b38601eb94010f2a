"""The single gate: estimates in, what may be shown of them out.

Counts up to a limit are withheld, and so are complements, statistics that rest on so few, marks
per patient, and whatever in linked tables would give a withheld count back. What stays is
rounded where the profile says so. Everything that draws comes after this room.
"""

from incohort.disclosure.card import gate_card
from incohort.disclosure.gate import gate
from incohort.disclosure.ledger import Ledger
from incohort.disclosure.profiles import NONE, PROFILES, Profile, profile_for

__all__ = ["NONE", "PROFILES", "Ledger", "Profile", "gate", "gate_card", "profile_for"]
