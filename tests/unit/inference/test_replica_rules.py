"""Circuit breaker and affinity."""

from dataclasses import dataclass

from services.inference.domain.affinity import StickyLeastLoaded, affinity_key
from services.shared.kit.breaker import Breaker


@dataclass(eq=False)
class Place:
    """Something with requests under way."""

    running: int = 0


def test_a_lost_replica_rests_and_then_gets_one_request_to_show_that_it_is_back() -> None:
    breaker = Breaker(cooldown_s=5)
    breaker.lost(now=100)
    assert not breaker.allows(104)
    assert breaker.allows(105)
    breaker.sent(105)
    assert not breaker.allows(106)
    breaker.answered()
    assert breaker.allows(106)


def test_single_failures_open_the_breaker_only_in_a_row() -> None:
    breaker = Breaker(failures=3, cooldown_s=5)
    for _ in range(4):
        breaker.failed(now=1)
        breaker.failed(now=1)
        breaker.answered()
    assert breaker.allows(1)
    for _ in range(3):
        breaker.failed(now=1)
    assert not breaker.allows(1)


def test_after_its_rest_one_more_failure_opens_the_breaker_again() -> None:
    breaker = Breaker(failures=3, cooldown_s=5)
    breaker.lost(now=1)
    breaker.rested(now=2)
    assert breaker.is_open
    breaker.rested(now=6)
    assert not breaker.is_open
    breaker.failed(now=7)
    assert breaker.is_open


def test_a_conversation_stays_unless_its_place_has_more_than_its_share() -> None:
    policy, places = StickyLeastLoaded(), [Place(), Place(), Place()]
    home = policy.choose(places, key=1)
    for place in places:
        place.running = 4
    assert policy.choose(places, key=1) is home
    home.running = 9
    moved = policy.choose(places, key=1)
    assert moved is not home
    home.running = 4
    assert policy.choose(places, key=1) is moved


def test_one_shared_beginning_cannot_flood_one_place() -> None:
    policy, places = StickyLeastLoaded(), [Place() for _ in range(4)]
    for _ in range(100):
        policy.choose(places, key=7).running += 1
    assert max(place.running for place in places) <= 33


def test_the_turns_of_a_conversation_have_one_key() -> None:
    system = {"role": "system", "content": "Be brief."}
    first = [system, {"role": "user", "content": "Hello"}]
    later = [*first, {"role": "assistant", "content": "Hi"}, {"role": "user", "content": "Why?"}]
    other = [system, {"role": "user", "content": "Goodbye"}]
    assert affinity_key({"messages": first}) == affinity_key({"messages": later})
    assert affinity_key({"messages": first}) != affinity_key({"messages": other})
    assert affinity_key({"messages": first, "prompt_cache_key": "a"}) == affinity_key({"prompt_cache_key": "a"})
    assert affinity_key({"prompt": [[1, 2], [3]]}) != affinity_key({"prompt": [[1, 2], [4]]})
    assert affinity_key({"messages": [7, None], "prompt": {}}) is not None
