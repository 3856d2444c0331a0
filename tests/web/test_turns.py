"""Those who write leave room for those who read."""

import asyncio
import itertools

from outspoken.web.turns import Turns


def test_in_each_turn_of_the_loop_one_begins_in_the_order_in_which_they_came():
    async def scene():
        turns, begun, seen = Turns(lambda: 0.0), [], []

        async def write(number):
            await turns.wait()
            begun.append(number)

        writers = [asyncio.ensure_future(write(number)) for number in range(20)]
        for _ in range(30):
            await asyncio.sleep(0)
            seen.append(len(begun))
        await asyncio.gather(*writers)
        return begun, seen

    begun, seen = asyncio.run(scene())

    assert begun == list(range(20))
    assert all(after - before <= 1 for before, after in itertools.pairwise(seen))
    assert seen[-1] == 20


def test_where_a_turn_takes_long_as_many_more_begin():
    async def scene():
        clock = itertools.count(step=0.021)
        turns, begun = Turns(lambda: next(clock)), []

        async def write(number):
            await turns.wait()
            begun.append(number)

        writers = [asyncio.ensure_future(write(number)) for number in range(40)]
        seen = []
        for _ in range(10):
            await asyncio.sleep(0)
            seen.append(len(begun))
        await asyncio.gather(*writers)
        return begun, seen

    begun, seen = asyncio.run(scene())

    assert begun == list(range(40))
    assert {after - before for before, after in itertools.pairwise(seen)} == {0, 11, 7}


def test_whoever_gives_up_keeps_nobody_waiting():
    async def scene():
        turns = Turns(lambda: 0.0)
        first, second = (asyncio.ensure_future(turns.wait()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait_for(second, 5)
        await asyncio.wait_for(turns.wait(), 5)

    asyncio.run(scene())
