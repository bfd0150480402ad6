"""The words that explanations are made of besides names and numbers: they state nothing by themselves.

A word that could praise, describe a plot or claim a fact is not here; it can only come from evidence.
"""

COUNTED = frozenset(
    "film films pick picks movie movies message messages thing things entry entries person people limit limits reason reasons "
    "wish wishes rating ratings point points place places more others other".split()
)
"""Nouns that a number may count; the number must then be of a row with that unit."""

PLAIN_WORDS = frozenset(
    # grammar
    "a an and are aren't as at be been before being both but by can can't cannot could did didn't do does doesn't don't each "
    "either else even ever every everything for from had has have haven't having here how i i'd i'll i'm i've if in instead "
    "into is isn't it it's its just let let's like likes may me might mine more most much my neither no none nor not nothing "
    "now of off on once one ones only onto or other others our out over own per rather same should since so some something "
    "still such than that that's the their them then there there's these they they're this those through to together too "
    "under until up us very was wasn't we we're were what what's when where which while who whose why will with within "
    "without would wouldn't yes yet you you'd you're you've your yours another any anything about above after again against "
    "ago afterwards all almost along already also although always among around away back because between beyond down during "
    "far few first further less least last later many near never next often perhaps quite really several sometimes soon "
    "though thus toward whether exactly "
    # what a recommender does
    "add added adding adds answer answers ask asked asking asks avoid avoided bring brings brought build change changed "
    "changes changing choice choices choose chosen click clicked come comes coming compare compared computation count counted "
    "counts difference drop done dropped drops enter enters entry explain fade faded fades filter filtered filters find finds "
    "fit fits fitting follow follows forget forgot forgotten found gave get gets give given gives go goes going gone got "
    "guess help helps hold holds held keep keeps kept know known knows lead leads leave leaves leaving left lift lifts lifted "
    "limit limits list look looking made make makes match matches matched mention mentioned moved move moves mean meant mind name "
    "named names need needs note noted offer pass passed passes passing pick picked picks place places point points pull "
    "pulls push pushed pushes put puts rank ranked ranks rate rated reach reached read recommend recommended recommending "
    "relax relaxed relaxing remember remembered remove removed removing ran rerun reset rest result rule ruled rules said saw "
    "say saying says score scores see seen set share shared shares show showed showing shown shows skip skipped speak speaks "
    "spoke start starts stay stayed stays steer suggest suggested suggestion suggestions suit suits sum sums take taken takes "
    "talk tell told treat tried try turn turned understand understood undid undo undone use used want wanted wants watch "
    "watched watching weigh weighed weighs went wish wished wishes work works write wrote "
    # what it speaks of
    "actor actors catalog cast chat conversation conversations words message director directors directed directs direct film "
    "films films' genre genres language languages liking love loved loves liked dislike disliked dislikes hate hated hatred "
    "enjoy enjoyed mood messages minute minutes movie movies people percent person preference preferences profile question "
    "rating ratings reason reasons runtime session slate star stars starring featuring features taste tastes theme themes "
    "thing things title titles view word year years decade decades year's cause causes kind kinds sort side sides part parts "
    "way ways line lines earlier moment time today tonight total whole filed addend addends contributions contribution effect "
    "edit smallest single step cut gap score's "
    # how it speaks
    "able apart beat better big bigger biggest bit clear clearly close closer closest different easy enough equal fine free "
    "full good happily happy happiest hello hey hi high higher highest large larger largest little long longer low lower "
    "lowest main mainly mostly nearest new newer ok okay old older open plain please possible pretty ready right short "
    "shorter similar simply small smaller sorry strong stronger strongest sure thank thanks top true welcome well wrong "
    "yourself alone alike likely maybe strictly simple nicely ahead behind below nowhere somewhere sits stand stands "
    "wherever whatever whichever odds firmly times common favor favour favourite favorite".split()
)
