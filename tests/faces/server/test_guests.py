"""Who may stay where more come than there is room for."""

from __future__ import annotations

from bartizan.faces.server.guests import Guest, Guests


class House:
    """Guests by name, and who was made to leave."""

    def __init__(self, most: int, most_of_address: int) -> None:
        self.guests = Guests(most, most_of_address)
        self.left: list[str] = []

    def enter(self, name: str, address: str = "") -> Guest | None:
        return self.guests.enter(address or name, lambda: self.left.append(name))

    @property
    def told(self) -> tuple[int, int, int]:
        return len(self.guests), self.guests.ended, self.guests.refused


def test_the_stranger_who_has_been_there_longest_makes_room() -> None:
    house = House(3, 3)
    first = house.enter("known")
    assert first is not None
    first.known = True
    for name in "abcd":
        house.enter(name)
    assert (house.left, house.told) == (["a", "b"], (3, 2, 0))


def test_one_that_is_known_makes_room_where_there_are_no_strangers() -> None:
    house = House(2, 2)
    for name in "ab":
        guest = house.enter(name)
        assert guest is not None
        guest.known = True
    house.enter("c")
    house.enter("d")
    assert (house.left, house.told) == (["a", "c"], (2, 2, 0))


def test_who_is_listened_to_stays_and_others_are_refused() -> None:
    house = House(2, 2)
    for name in "ab":
        guest = house.enter(name)
        assert guest is not None
        guest.heard = True
    assert house.enter("c") is None
    assert (house.left, house.told) == ([], (2, 0, 1))


def test_an_address_that_has_too_many_makes_room_itself() -> None:
    house = House(10, 2)
    house.enter("other", "b")
    for name in ("one", "two", "three"):
        house.enter(name, "a")
    assert (house.left, house.told) == (["one"], (3, 1, 0))


def test_who_leaves_makes_room_once() -> None:
    house = House(1, 1)
    guest = house.enter("a")
    assert guest is not None
    house.guests.exit(guest)
    house.guests.exit(guest)
    assert house.enter("a") is not None
    assert (house.left, house.told) == ([], (1, 0, 0))
