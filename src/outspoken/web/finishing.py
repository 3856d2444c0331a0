"""What a reader is told when an act is done that leads nowhere else."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from outspoken.discussion.errors import NotFound
from outspoken.discussion.permission import may_see
from outspoken.pages.acting import ACTS
from outspoken.store.changes import is_author
from outspoken.store.sites import site_named
from outspoken.store.threads import thread_by_id
from outspoken.store.windows import comment_at
from outspoken.web.forms import PageRequest, page, see_other
from outspoken.web.reader import proof_of_who_came
from outspoken.web.server import Dressed, Given
from outspoken.web.writing import posted_page

_ABOUT_ONES_OWN = ("write", "reply", "edit")


@get("/t/{thread:str}/{number:int}/done/{act:str}", include_in_schema=False)
async def show_done(
    request: PageRequest,
    server: Given,
    pages: Dressed,
    thread: FromPath[str],
    number: FromPath[int],
    act: FromPath[str],
) -> Response[str] | Response[None]:
    """Say that an act is done; authors are told what became of what they wrote, others nothing that isn't public."""
    if act not in ACTS:
        raise NotFound("There is nothing at this address.")
    discussed = await server.read(lambda connection: thread_by_id(connection, thread))
    if act in _ABOUT_ONES_OWN:
        comment = await server.read(lambda connection: comment_at(connection, thread, number))
        key = await proof_of_who_came(request, server, pages.door, thread, number)
        mine = await server.read(lambda connection: is_author(connection, comment, key.hash if key else None))
        may_see(comment, is_author=mine)
        if mine:
            return page(await posted_page(server, pages, comment, act=act))
        if act != "edit":
            return see_other(pages.door.comment(thread, number))
    site = await server.read(lambda connection: site_named(connection, discussed.site))
    return page(pages.done_page(site, discussed, number, act))


HANDLERS = (show_done,)
