"""What is said, in English: one function a sentence, from causes, preferences, items and numbers.

Wording only: which causes are told, in what order and from which rows is decided in `explain`, `reruns` and `replies`.
`mandarin` has the same functions with the same parameters; `phrases` has the pieces they share. Texts are whole
sentences unless the name of a function says line or the docstring says otherwise. `seed` varies the wording.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.evidence import Cause, Origin, by_alternative, by_feeling, called, feeling
from assistant.lexicon import LANGUAGE_NAMES
from assistant.phrases import (
    capital, cause_clause, cause_noun, choose, count, feeling_for, felt, genres_of, held, in_brackets, joined, limit, shown, spelled, spoken, when,
)
from assistant.state import Topic
from store.records import ITEM, Item, Preference

OPENINGS = ("Here are {}", "I found {} for you", "{} for you", "I picked {}", "My choice: {}", "These {} may suit you")
OPENINGS_OF_ONE = ("Here is {}", "I found {} for you", "I picked {}", "My choice: {}")
GONE = "something that was not there any more"
TELL_ME = "Tell me a film you loved, or what you are in the mood for."


# cards


def nothing_speaks_line() -> str:
    return "Nothing you said speaks for it, but it passes your limits."


def popularity_line(percent: int) -> str:
    return f"Its popularity, not your taste: {percent} %."


def reason_lines(best: Sequence[Cause], short: bool) -> list[str]:
    """Ways to tell the one or two largest causes of a pick, each with its origin and share; `short` where titles are long."""
    first = best[0]
    origins = [_short_origin(c.origin) if short else in_brackets(c.origin) for c in best]
    clauses = [cause_clause(c, year=False) + o for c, o in zip(best, origins, strict=True)]
    nouns = [cause_noun(c, year=False) + o for c, o in zip(best, origins, strict=True)]
    because = f"because {'' if first.preference else 'of '}{clauses[0]}: {first.percent} %"
    if len(best) == 1:
        return [capital(line) for line in (because, f"{nouns[0]}: {first.percent} %", f"{clauses[0]}: {first.percent} %")]
    second = best[1]
    return [capital(line) for line in (
        f"{because}, and {nouns[1]}: {second.percent} %",
        f"{first.percent} % {nouns[0]}, {second.percent} % {nouns[1]}",
        f"{clauses[0]}: {first.percent} %; {clauses[1]}: {second.percent} %",
        f"{nouns[0]}: {first.percent} %, then {nouns[1]}: {second.percent} %",
        f"{first.percent} % comes from {nouns[0]} and {second.percent} % from {nouns[1]}",
    )]


def _short_origin(origin: Origin) -> str:
    if origin.kind == "ago":
        return f" ({count(origin.ago, 'message')} ago)"  # a digit would read as part of the title before it
    return {"now": " (just now)", "earlier": " (earlier chat)", "click": " (by a click)"}.get(origin.kind, "")


# the slate


def opening(first: Item, best: Cause, number: int, more: bool, seed: object) -> str:
    """The words beside a slate of `number` films: the first of them, and the cause that adds most to its score. That is a share, so
    it is not called the reason for the rank: without it the film may still be first."""
    here = choose((seed, "here"), OPENINGS if number > 1 else OPENINGS_OF_ONE)
    here = capital(here.format(count(number, "more film" if more else "film")))
    noun = cause_noun(best, year=False)
    if number == 1:
        return f"{here}: {first.name}, and what speaks for it most is {noun}."
    return choose((seed, first.name), (
        f"{here}; {first.name} comes first, and what speaks for it most is {noun}.",
        f"{here}: at the top {first.name}, and most of what speaks for it is {noun}." if best.percent > 50
        else f"{here}; what adds most to the score of the first, {first.name}, is {noun}.",
        f"{here}, {first.name} at the top; what adds most to its score is {noun}.",
    ))


def popular(number: int, limited: bool) -> str:
    """No taste is behind these picks; `limited` when there are limits that they pass."""
    these = f"these {count(number, 'film')} are" if number > 1 else "this film is"
    return capital(f"{'within your limits, ' if limited else ''}{these} popular with many people, which says nothing about your taste.")


def tell_me() -> str:
    """Asks for a first taste or wish."""
    return TELL_ME


def slate_passes(number: int, hard: Sequence[Preference]) -> str:
    all_pass = {1: "It passes", 2: "Both pass"}.get(number, "All of them pass")
    return f"{all_pass} your limits: {limits(hard)}."


def no_others(shown_ones: int) -> str:
    """Fewer films were found than a slate has."""
    return "No other film fits what you asked for." if shown_ones == 1 else "No others fit what you asked for."


def limits(hard: Sequence[Preference]) -> str:
    """Filters in a list; of several "only" of one kind any will do: "only comedies or dramas, and at most 120 minutes"."""
    return joined(limit(first) + "".join(f" or {spoken(shown(p))}" for p in others) for first, *others in by_alternative(hard))


def nothing_passes(hard: Sequence[Preference]) -> str:
    return f"Nothing in the catalog passes all of your limits: {limits(hard)}."


def nothing_more() -> str:
    return "I have nothing more to show that fits."


def relaxed(preference: Preference, number: int, first: Item) -> str:
    """What a rerun without one limit gives."""
    return f"Without “{limit(preference)}” there would be {count(number, 'film')}, {first.name} at the top."


def drop_a_limit() -> str:
    return "Drop a limit or undo the last one, and I will look again."


# why this


def nothing_speaks(item: Item) -> str:
    return f"Nothing you said speaks for {item.name}."


def shown_for_popularity(item: Item, percent: int, current: bool) -> str:
    is_ = "is" if current else "was"
    return f"{item.name} {is_} shown for its popularity, which says nothing about your taste: {percent} %."


def biggest_reason(item: Item, first: Cause, current: bool, seed: object) -> str:
    """The cause that speaks for a film most. `current` False tells a stored pick as it was then."""
    is_, origin = "is" if current else "was", in_brackets(first.origin)
    because = f"because {'' if first.preference else 'of '}{cause_clause(first, year=False)}"
    return capital(choose((seed, item.id, "why"), (
        f"the biggest reason for {item.name} {is_} {cause_noun(first, year=False)}{origin}: {first.percent} % of what speaks for it.",
        f"{item.name} {is_} here {because}{origin}: {first.percent} % of what speaks for it.",
        f"{first.percent} % of what speaks for {item.name} {is_} {cause_noun(first, year=False)}{origin}, the biggest part.",
    )))


def other_reasons(others: Sequence[Cause]) -> str:
    return f"Then: {_shares(others)}."


def held_down_by(against: Sequence[Cause]) -> str:
    return f"What speaks against it: {_shares(against)}."


def _shares(found: Sequence[Cause]) -> str:
    return "; ".join(f"{cause_noun(c, year=False)}{in_brackets(c.origin)}, {c.percent} %" for c in found)


def sums_to(score: float, parts: int) -> str:
    """The causes, `parts` of them, are the whole score."""
    if parts == 1:
        return f"That is all of its score of {score:.2f}."
    return f"{'Both reasons' if parts == 2 else 'All ' + count(parts, 'reason')} together sum to its score, {score:.2f}."


def faded(preference: Preference, percent: int) -> str:
    """What is left of a feeling since other films were named."""
    return f"{capital(feeling_for(preference, year=False))} has faded to {percent} %, now that you named other films."


def also_passes(hard: Sequence[Preference]) -> str:
    return f"It also passes your limits: {limits(hard)}."


def same_people(item: Item, other: Item, directors: Sequence[str], actors: Sequence[str]) -> str:
    """People that two films have in common; not both empty."""
    by = f"are directed by {joined(directors)}" if directors else ""
    with_ = f"star {joined(actors)}" if actors else ""
    return f"{item.name} and {other.name} both {joined(filter(None, (by, with_)))}."


def same_themes(item: Item, other: Item, themes: Sequence[str]) -> str:
    return f"{item.name} and {other.name} share {'a theme' if len(themes) == 1 else 'themes'}: {joined(themes)}."


# two picks, all picks


def two_scores(first: Item, score: float, second: Item, other_score: float) -> str:
    return f"{first.name} scores {score:.2f} and {second.name} scores {other_score:.2f}."


def two_addends(cause: Cause, first: Item, value: float, second: Item, other_value: float) -> str:
    """What one cause adds to each of two scores."""
    return (f"From {_impersonal(cause)}{in_brackets(cause.origin)}: {value:.2f} points for {first.name}, "
            f"{other_value:.2f} points for {second.name}.")


def _impersonal(cause: Cause) -> str:
    """A cause of several films: their popularity is not "its"."""
    return "popularity" if cause.contribution.source == "prior" else cause_noun(cause, year=False)


def alike_for_both() -> str:
    return "What you told me speaks for both alike."


def nothing_matters() -> str:
    return "Nothing you told me speaks for these picks yet."


def drivers(number: int, told: Sequence[tuple[Cause, int]]) -> str:
    """Causes with their percent of all that speaks for `number` picks."""
    parts = "; ".join(f"{_impersonal(cause)}{in_brackets(cause.origin)}, {percent} %" for cause, percent in told)
    return f"What speaks for these {count(number, 'pick')} comes from: {parts}."


def stays_whatever(item: Item) -> str:
    return f"I ran it again without all that you told me: {item.name} stays among the picks."


def not_picked_now(item: Item) -> str:
    return f"{item.name} is not among the picks any more."


def hangs_on(item: Item, entries: Sequence[Preference]) -> str:
    return f"I ran it again: without {joined(map(held, entries))}, {item.name} is no longer among the picks."


def no_smaller_change() -> str:
    return "No smaller change does that."


def smaller_may_do() -> str:
    """Not all smaller changes were tried."""
    return "A smaller change may do that too: I did not try them all."


# how picks stand


def without_it(preference: Preference, leaving: Sequence[Item], first: bool) -> str:
    """The picks that leave when one entry is left out; the `first` of several such sentences says that it was rerun."""
    told = f"without {held(preference)} {'this leaves' if len(leaving) == 1 else 'these leave'} the picks: {joined(i.name for i in leaving)}"
    return f"I ran it again: {told}." if first else f"{capital(told)}."


def only_moves(preference: Preference, moved: int) -> str:
    """Nothing leaves when one entry is left out, but so many picks change their place."""
    return f"I ran it again: without {held(preference)} all of them stay, and {count(moved, 'pick')} {'moves' if moved == 1 else 'move'}."


def changes_nothing(idle: Sequence[Preference], more: int) -> str:
    """Entries, and `more` not named ones, that do nothing for the picks."""
    others = f", or any of {count(more, 'other thing')}," if more else ""
    return f"Leaving out {joined(map(held, idle), 'or')}{others} changes none of the picks."


def share_of_picks(cause: Cause, number: int) -> str:
    """What one entry has of all that speaks for `number` picks."""
    return f"{capital(cause_noun(cause, year=False))}{in_brackets(cause.origin)} is {cause.percent} % of what speaks for these {count(number, 'pick')}."


def among_picks(feature: str, having: int, number: int) -> str:
    """How many of `number` picks have a feature."""
    return f"{capital(spoken(feature))} among these {count(number, 'pick')}: {spelled(having) if having else 'none'}."


def no_odds() -> str:
    return "I know no odds, only how firmly it stands."


def leads(item: Item, rank: int, points: float) -> str:
    return f"{item.name} is at rank {rank}, {points:.2f} points ahead of the first film that is not picked."


def does_without(item: Item, stays: int, entries: int) -> str:
    """How often a pick stays when the entries are left out one at a time."""
    if entries == 1:
        return f"Without the one thing you told me, it {'stays among' if stays else 'leaves'} the picks."
    if stays == entries:
        return f"Whichever one of the {count(entries, 'thing')} you told me I leave out, it stays among the picks."
    return f"I left out the {count(entries, 'thing')} you told me, one after another: it stays among the picks {count(stays, 'time')}."


def popularity_share(percent: int) -> str:
    return f"{percent} % of what speaks for it is its popularity, not your taste."


def too_few_tastes(number: int) -> str:
    return f"You have told me {count(number, 'taste')} so far, too few to see a change."


def two_halves(earlier: Sequence[Preference], of_earlier: int, later: Sequence[Preference], of_later: int) -> str:
    """The earlier and the later tastes, so many each, of which some are named."""
    first = f"{count(of_earlier, 'taste')}{' such as' if of_earlier > len(earlier) else ':'} {joined(map(held, earlier))}"
    second = f"{count(of_later, 'taste')}{' such as' if of_later > len(later) else ':'} {joined(map(held, later))}"
    return f"Earlier you told me {first}; later, {second}."


def picks_of_halves(then: Sequence[Item], now: Sequence[Item]) -> str:
    """The best films for each half alone."""
    return f"From the earlier ones alone I would pick {joined(i.name for i in then)}; from the later ones alone, {joined(i.name for i in now)}."


def halves_share(shared: int, number: int) -> str:
    """How many of `number` picks both halves would give."""
    return f"Common to both: {spelled(shared) if shared else 'none'} of {count(number, 'pick')}."


def goes_by(item: Item, found: Sequence[Cause]) -> str:
    """The causes that a contested pick rests on."""
    return f"For {item.name} I go by this: {'; '.join(cause_clause(c, year=False) + in_brackets(c.origin) for c in found)}."


def which_is_wrong() -> str:
    return "Tell me which reason is wrong, or take it out of the list of what I know about you, and it counts no more."


def was_shown(item: Item, rank: int, origin: Origin) -> str:
    """When a film was recommended, and at which rank."""
    return f"{item.name} was at rank {rank} when I showed it{in_brackets(origin)}."


def ranks_now(item: Item, rank: int, picked: bool) -> str:
    """Where a film that was recommended once stands now, and whether that is still among the picks."""
    return f"Now {item.name} is at rank {rank}{', still among the picks' if picked else ''}."


def after_that(item: Item, then: Preference | None, now: Preference | None, rank: int | None) -> str:
    """A change of the profile after a film was recommended, and the rank it would have had it not come; None: filtered out."""
    place = f"it would be at rank {rank}" if rank else "it would be filtered out"
    if then is None:
        return f"After that {_told(now)}: without that, {place}."
    if now is None:
        return f"After that {held(then)} went away: with it, {place}."
    return f"After that {held(then)} gave way to {held(now)}: without that, {place}."


def _told(preference: Preference) -> str:
    return f"you asked for {limit(preference)}" if feeling(preference) in ("limit", "only", "avoid") else felt(preference)


def nothing_moved_it() -> str:
    return "Nothing you told me after that moves it."


def nothing_said_since() -> str:
    return "Your profile is as it was then."


def other_model() -> str:
    return "The catalog or the way I count was changed in between."


# reruns


def filtered_out(item: Item, blocks: Sequence[tuple[Preference, Origin]]) -> str:
    """What keeps a film out, with the fact of it that each limit meets."""
    return f"{item.name} is filtered out: {joined(_block(item, p, origin) for p, origin in blocks)}."


def _block(item: Item, preference: Preference, origin: Origin) -> str:
    told = in_brackets(origin)
    if preference.role == "seen":
        return f"you have seen it{told}"
    if preference.kind == ITEM and preference.role in ("skip", "avoid"):
        return f"you passed on it{told}"
    if preference.kind == ITEM:
        return f"you know it already, as {felt(preference)}{told}"
    fact = ""
    if preference.kind == "runtime":
        fact = f", and it takes {item.runtime} minutes" if item.runtime else ", and the catalog does not know how long it is"
    elif preference.kind == "year":
        fact = f", and it is from {item.year}" if item.year else ", and the catalog does not know its year"
    elif preference.kind == "language" and not item.language:
        fact = ", and the catalog does not know its language"
    return f"your limit is {limit(preference)}{told}{fact}"


def no_change_helps(tried: int) -> str:
    return f"I tried {count(tried, 'change')} of your profile, and none of them brings it in."


def edit_brings_in(removed: Sequence[Preference], added: Sequence[Preference], rank: int) -> str:
    return f"I ran it again: {_changed(removed, added)}, it would come to rank {rank}."


def among_the_picks(item: Item, rank: int) -> str:
    return f"{item.name} is among the picks, at rank {rank}."


def too_low(item: Item, rank: int, size: int) -> str:
    return f"{item.name} is at rank {rank}, and I show {count(size, 'pick')} at a time."


def short_of_the_last(points: float) -> str:
    return f"It is {points:.2f} points short of the last of them."


def nothing_to_leave_out(unknown: Sequence[Preference]) -> str:
    return f"You have told me nothing about {joined(map(shown, unknown), 'or')}, so there is nothing to leave out."


def same_picks(removed: Sequence[Preference], added: Sequence[Preference]) -> str:
    return f"I ran it again {_changed(removed, added)}: the picks stay the same."


def what_moves(removed: Sequence[Preference], added: Sequence[Preference], left: Sequence[Item], entered: Sequence[tuple[Item, int]],
               moved: Sequence[tuple[Item, int, int]]) -> list[str]:
    """Sentences: what a rerun with a change drops, brings in (item, rank), and moves (item, rank before, after); not all empty."""
    first, *others = _moves(left, entered, moved)
    return [f"I ran it again {_changed(removed, added)}: {first}.", *(f"{line}." for line in others)]


def _moves(left: Sequence[Item], entered: Sequence[tuple[Item, int]], moved: Sequence[tuple[Item, int, int]]) -> list[str]:
    told = [f"{joined(item.name for item in left)} {'leaves' if len(left) == 1 else 'leave'}"] if left else []
    if entered:
        told.append(joined(f"{item.name} comes in at rank {rank}" for item, rank in entered))
    return told + [f"{item.name} moves from rank {before} to rank {after}" for item, before, after in moved]


def picks_move(left: Sequence[Item], entered: Sequence[tuple[Item, int]], moved: Sequence[tuple[Item, int, int]]) -> list[str]:
    """Sentences: what became of the picks shown before, as in `what_moves`; all empty when they are the same."""
    if not (left or entered or moved):
        return ["The picks stay the same."]
    first, *others = _moves(left, entered, moved)
    return [f"Compared with the picks before: {first}.", *(f"{line}." for line in others)]


def only_a_question() -> str:
    return "This was only a question: your profile is as it was."


def say_do_that() -> str:
    return "Say do that, and I change it."


def _changed(removed: Sequence[Preference], added: Sequence[Preference]) -> str:
    """A supposed change: "without your love of Heat (1995) and with your wish for crime films"."""
    parts = [f"without {joined(map(held, removed), 'or')}"] if removed else []
    return joined([*parts, f"with {joined(map(held, added))}"] if added else parts)


# what a message changed


def noted(added: Sequence[Preference], seed: object) -> str:
    return f"{choose((seed, 'noted'), ('Noted', 'Got it', 'OK'))}: {'; '.join(_grouped(added))}."


def instead_of(replaced: Sequence[Preference]) -> str:
    return f"That is instead of {joined(map(held, replaced))}."


def removed(gone: Sequence[Preference]) -> str:
    return f"Removed: {joined(map(held, gone))}."


def already_gone() -> str:
    return "That is not in your profile any more."


def counts_now(preference: Preference, less: bool) -> str:
    """An entry was made to count `less`, or more."""
    return f"{capital(held(preference))} counts {'less' if less else 'more'} now."


def counts_so_already(preference: Preference) -> str:
    """An entry was to count as much as it does."""
    return f"{capital(held(preference))} counts that much already."


def _grouped(preferences: Sequence[Preference]) -> list[str]:
    """Preferences with those of one feeling together: "you loved Heat (1995) and Alien (1979)", "no horror films"."""
    told = []
    for group in by_feeling(preferences):
        label, names = feeling(group[0]), [spoken(shown(p)) for p in group]
        if label == "limit" or label == "avoid" and group[0].kind != ITEM:
            told += [limit(p) for p in group]
        elif label == "only":
            told.append(f"only {joined(names, 'or')}")
        elif label == "skip":
            told.append(f"not {joined(names, 'or')} this time")
        else:
            told.append(felt(group[0]).removesuffix(names[0]) + joined(names, "or" if label == "avoid" else "and"))
    return told


def nothing_to_undo() -> str:
    return "There is nothing left to undo here."


def undone(came_back: Sequence[Preference], went_away: Sequence[Preference]) -> list[str]:
    """Sentences on what an undo did; not both empty."""
    sentences = ["Undone."]
    if went_away:
        sentences.append(f"Gone again: {joined(map(held, went_away))}.")
    if came_back:
        sentences.append(f"Back again: {joined(map(held, came_back))}.")
    return sentences


def nothing_to_forget() -> str:
    return "There was nothing to forget: I know nothing about your taste yet."


def forgotten(number: int) -> list[str]:
    """Sentences on a reset."""
    return [f"Done: I have forgotten {count(number, 'thing')} you told me.", "If that was wrong, say undo and it all comes back."]


# the profile


def topic(about: Topic) -> str:
    """What a question is about, as it is named in the answer."""
    return called(about)


def told_nothing_about(names: Sequence[str]) -> str:
    return f"You have told me nothing about {joined(names, 'or')}."


def know_nothing() -> str:
    return "I know nothing about your taste yet."


def know(number: int) -> str:
    return f"I know {count(number, 'thing')} about you."


def told_by(origin: Origin, quote: str, group: Sequence[Preference]) -> str:
    """What one message told: "Two messages ago you said “I loved Heat, nothing long”: you loved Heat (1995); at most 120 minutes."."""
    told = "; ".join(_grouped(group))
    said = f" you said “{quote}”" if quote else ""
    return capital(f"{when(origin)}{said}: {told}." if when(origin) else f"{told}.")


def and_before(number: int) -> str:
    """Things of the profile from earlier messages that are not told one by one."""
    return f"And {count(number, 'thing')} before that."


# facts


def what_it_is(item: Item) -> str:
    """Its genres and directors, and its year where no genre is known."""
    by = f" directed by {joined(item.directors)}" if item.directors else ""
    year = f" from {item.year}" if item.year and not item.genres else ""
    return f"{item.name} is {genres_of(item)}{year}{by}."


def stars(people: Sequence[str]) -> str:
    return f"It stars {joined(people)}."


def takes(minutes: int) -> str:
    return f"It takes {minutes} minutes."


def spoken_in(language: str) -> str:
    """`language` is a code of the catalog."""
    return f"It is in {LANGUAGE_NAMES.get(language, language)}."


def themes_are(themes: Sequence[str]) -> str:
    return f"Its themes: {joined(themes)}."


def no_film_with(feature: str) -> str:
    return f"The catalog has no film with {feature}."


def films_with(feature: str, number: int, best: Sequence[Item]) -> list[str]:
    """Sentences: how many films a feature has, and the best known of them."""
    return [
        f"The catalog has {count(number, 'film')} for {feature}.",
        f"The most rated {'is' if len(best) == 1 else 'are'} {joined(item.name for item in best)}.",
    ]


# questions


def did_you_mean_undo() -> str:
    return "Did you mean to undo the last change?"


def did_you_mean_reset() -> str:
    return "Did you mean to start over, and that I forget what you told me?"


def say_yes_to_do() -> str:
    return "Say yes and I do it, or say it another way."


def did_you_mean_this(proposed: Sequence[Preference]) -> list[str]:
    """Sentences: something was read with too little certainty to note it unasked."""
    return [f"Did you mean this: {'; '.join(_grouped(proposed))}?", "Say yes and I note it, or say it another way."]


def which_one(candidates: Sequence[Item]) -> str:
    return f"Which one do you mean: {_any_of(candidates)}?"


def not_in_catalog(span: str, nearest: Sequence[Item]) -> list[str]:
    """Sentences: the title is unknown; `nearest` are the most like it and may be empty."""
    if not nearest:
        return [f"“{span}” is not in my catalog, and I know no title like it."]
    return [f"“{span}” is not in my catalog.", f"Did you mean {_any_of(nearest)}?"]


def which_rather(options: Sequence[Preference], seed: object) -> str:
    """A choice offered beside picks: values of one feature kind, two or more."""
    kind, any_of = options[0].kind, joined((spoken(shown(p)).strip("“”") for p in options), "or")
    if kind == "decade":
        asked = choose((seed, "rather"), ("Rather something from {}", "Should it be from {}"))
    elif kind == "person":
        asked = choose((seed, "rather"), ("Would you rather see {}", "Would you rather watch {}"))
    elif kind == "keyword":  # one is a noun, the next an adjective or a place, so they can only stand in a list
        asked = choose((seed, "rather"), ("Which theme are you more in the mood for: {}", "Which theme would you rather see: {}"))
    else:
        asked = choose((seed, "rather"), ("Would you rather see {}", "Are you more in the mood for {}"))
    return f"{asked.format(any_of)}, or is anything fine?"


def _any_of(items: Sequence[Item]) -> str:
    return joined((item.name for item in items), "or")


def not_both() -> str:
    """A what-if supposes opposite things of one subject."""
    return "I cannot take both at once: which one do you mean?"


def not_understood() -> list[str]:
    return ["I did not understand that.", "Tell me a film you loved, what you are in the mood for, or ask why a pick is here."]


def nothing_picked() -> str:
    return "I have not picked anything yet, so there is nothing to explain."


def name_the_films() -> str:
    return "Name the films, and I will say what speaks for each."


def which_film() -> list[str]:
    return ["Which film do you mean?", "Name one, or ask for picks first."]


# everything else


def enjoy(items: Sequence[Item], seed: object) -> list[str]:
    """The person takes these picks; without any, they said yes to nothing in particular."""
    if not items:
        return [choose((seed, "yes"), ("Good!", "OK!", "Fine!")), "Say more for other films, or ask why one is here."]
    names = joined(item.name for item in items)
    wish = choose((seed, names), ("Enjoy {}!", "A fine choice: enjoy {}!", "Have a good time with {}!")).format(names)
    return [wish, "Tell me afterwards how you liked it, and I will know you better."]


def not_these(items: Sequence[Item]) -> str:
    """The person turns these picks down; without any, all."""
    return f"OK, not {_any_of(items)}." if items else "OK, not these."


def leave_it() -> str:
    """A no to a question."""
    return "OK, then I leave it at that."


def hello(seed: object) -> str:
    return choose((seed, "chat"), (
        f"Hello! {TELL_ME}",
        "Hi! I pick films for you and can always say why: which one did you like?",
        "Good to see you! Which film did you like?",
    ))


def welcome(seed: object) -> str:
    """After thanks or goodbye."""
    return choose((seed, "thanks"), ("You are welcome!", "Any time!", "Good, see you soon!"))


def help_() -> list[str]:
    return [
        "Tell me films you liked or disliked, people, genres, years, or how long it may be, and I pick films for you.",
        "Ask why one is here, why another is not, or what would change if you had not liked something: the answer is the "
        "computation, not a guess.",
        "Say undo to take back the last thing, or start over to forget everything.",
    ]


def too_long() -> str:
    """Only the start of a message was read."""
    return "That is long: I read only the start of it."


def unreadable() -> list[str]:
    """The language model failed; everything else works."""
    return ["I could not read that message, so nothing was changed.", "Please say it another way."]


def no_model(problem: str) -> str:
    """There is no model to read messages; `problem` is "off" when that was asked for."""
    reason = "It was turned off (engine none)." if problem == "off" else f"The reason: {problem}."
    return f"I cannot read messages without the language model; the buttons, your profile and the reasons still work. {reason}"


# what the person may say next, and clicks as messages


def replies_to_doubt() -> tuple[str, ...]:
    return ("Yes", "No", "What do you know about me?")


def replies_to_choice(options: Sequence[Preference]) -> tuple[str, ...]:
    """An answer for each option of a choice, and one that leaves it open."""
    return (*(capital(spoken(shown(p)).strip("“”")) for p in options), "I don't mind")


def replies_to_picks(liked: str | None) -> tuple[str, ...]:
    """`liked` is the name of the film liked last."""
    doubt = (f"What if I hadn't liked {liked}?",) if liked else ()
    return ("Why the first one?", *doubt, "Show me others", "Nothing too long")


def replies_to_reasons() -> tuple[str, ...]:
    return ("What do you know about me?", "Show me others")


def replies_to_supposition() -> tuple[str, ...]:
    return ("Do that", "What do you know about me?", "Show me others")


def replies_to_profile() -> tuple[str, ...]:
    return ("Undo that", "Recommend me something")


def replies_to_nothing() -> tuple[str, ...]:
    return ("Recommend me something", "I loved Heat and Alien, nothing too long", "What can you do?")


def clicked_why(name: str) -> str:
    return f"Why {name}?"


def clicked_feeling(role: str, name: str) -> str:
    """`role` is "like", "dislike" or "seen"."""
    return f"{({'like': 'Liked', 'dislike': 'Disliked', 'seen': 'Seen'})[role]}: {name}"


def clicked_withdrawn(name: str) -> str:
    return f"Withdrawn: {name}"


def clicked_remove(entry: Preference | None) -> str:
    """`entry` None when it was not there any more."""
    return f"Removed: {entry.label if entry else GONE}"


def clicked_steer(how: str, entry: Preference | None, percents: tuple[int, int] | None = None) -> str:
    """`how` is "less", "more", "wrong" or "strength"; `percents` are the strength before and after, where it has changed."""
    told = {"less": "Less", "more": "More", "wrong": "Wrong", "strength": "Strength"}[how]
    change = f" ({percents[0]} % → {percents[1]} %)" if percents else ""
    return f"{told}: {held(entry) if entry else GONE}{change}"


def clicked_more_like(name: str) -> str:
    return f"More like {name}"


def clicked_undo() -> str:
    return "Undo"
