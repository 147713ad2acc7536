from core import ids


def test_ids_are_in_the_order_of_their_making_and_of_version_7() -> None:
    made = [ids.new_id() for _ in range(5000)]
    assert made == sorted(made) and len(set(made)) == 5000
    assert {one.version for one in made} == {7}
    assert len({one.int & ((1 << 62) - 1) for one in made}) == 5000
