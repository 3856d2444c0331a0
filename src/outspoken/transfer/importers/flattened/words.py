"""The words blog software prints around comments, in the languages they were seen in. Only tables and look-ups."""

import re

_SAYING = (
    r"says?|said|wrote|writes|disse|diz|escreveu|dijo|dice|escribió|a dit|a écrit|dit|sagt|sagte|schrieb|schreibt|"
    r"meint|ha detto|ha scritto|scrive|zei|schreef|сказал(?:\(а\)|а)?|пишет|говорит"
)
SAYS = re.compile(rf"(?P<name>.*?)(?:^|\s)(?:{_SAYING})\s*(?P<mark>\.\.\.|…|:)?\s*", re.IGNORECASE)
"""A headline "N says:". Match whole lines of bounded length only."""

_COUNTED = (
    r"comments?|responses?|replies|reply|thoughts?|answers?|comentarios?|comentários?|commentaires?|kommentare?|"
    r"antworten|réponses?|reacties?|commenti|commento|opinions?|pensamentos?"
)
_HEADING = re.compile(
    rf"(?P<count>\d[\d.,]{{0,9}}|one|two|three|un|uma?|ein)\s+(?:{_COUNTED})"
    r"(?:\s*:|\s+(?:to|on|for|so far|en|em|a|zu|sur|su)\b.*)?"
    rf"|comments?\s*\((?P<bracketed>\d[\d.,]{{0,9}})\)\s*:?"
    r"|(?:comments?|comentarios|comentários|commentaires|kommentare|commenti|reader comments|discussion|responses)"
    r"\s*(?::|on this entry:?)?",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:no|0|zero) (?:comments?|responses?)(?: yet| so far)?\s*[:.!]?|sin comentarios\s*:?|nenhum comentário\s*:?"
    r"|aucun commentaire\s*:?|keine kommentare\s*:?|nessun commento\s*:?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:leave|post|add|write|submit) (?:a|your|new) (?:reply|comment|response)\b.{0,120}"
    r"|speak your mind.{0,80}|cancel reply|your email (?:address )?will not be published.{0,200}"
    r"|you may use these html tags.{0,300}|fill in your details below.{0,200}|this site uses akismet.{0,200}"
    r"|scroll to top|(?:the )?comments? (?:(?:section|thread) )?(?:is|are) (?:now )?closed.{0,80}"
    r"|links to this post:?|(?:newer|older) posts?|home|subscribe to: post comments.{0,40}|create a link"
    r"|deja un comentario|publicar un comentario|postar um comentário|deixe um comentário.{0,80}"
    r"|laisser un commentaire|enregistrer un commentaire|schreibe einen kommentar|kommentar veröffentlichen"
    r"|←? ?older comments.{0,40}|newer comments ?→?|post navigation|back to top",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"reply[ ]?(?:↓|↵|to this)|replydelete|log in to reply|liked by \d+ (?:person|people)|loading(?:\.\.\.|…)"
    r"|expand full comment|responder ?(?:eliminar|excluir)|répondre ?supprimer|antworten ?löschen|rispondi ?elimina",
    re.IGNORECASE,
)
_BUTTON_OR_WORD = re.compile(
    r"reply|replies|delete|permalink|edit|flag|report|quote|like|responder|respuestas|respostas|répondre|réponses"
    r"|antworten|rispondi",
    re.IGNORECASE,
)
_REMOVED_BY_AUTHOR = re.compile(
    r"this comment has been removed by the author\.?|this (?:comment|post) (?:was|has been) deleted\.?"
    r"|este comentario ha sido eliminado por el autor\.?|este comentário foi removido pelo autor\.?"
    r"|ce commentaire a été supprimé par l['’]auteur\.?|dieser kommentar wurde vom autor entfernt\.?",
    re.IGNORECASE,
)
_REMOVED_BY_STAFF = re.compile(
    r"this comment has been removed by (?:a|the) (?:blog )?(?:administrator|moderator)\.?", re.IGNORECASE
)
_PING = re.compile(r"(?:pingback|trackback)\b:?.*", re.IGNORECASE)
_NUMBER_WORDS = {"one": 1, "un": 1, "um": 1, "uma": 1, "ein": 1, "two": 2, "three": 3}
_LONGEST_WORDING = 300


def announced(line: str) -> int | None:
    """Return the number in a heading such as "12 comments:", None if `line` is no heading or tells none."""
    found = _whole(_HEADING, line)
    told = found and (found["count"] or found["bracketed"])
    if not told:
        return None
    return _NUMBER_WORDS.get(told.lower()) or int(re.sub(r"\D", "", told) or 0)


def is_heading(line: str) -> bool:
    """Tell whether `line` is what stands above a discussion: "12 comments:", "3 Responses to “…”", "Comments"."""
    return _whole(_HEADING, line) is not None


def says_none(line: str) -> bool:
    """Tell whether `line` says that nobody commented."""
    return _whole(_NONE, line) is not None


def is_tail(line: str) -> bool:
    """Tell whether `line` is what stands below a discussion: the form, the pager, the notices."""
    return _whole(_TAIL, line) is not None


def is_button(line: str) -> bool:
    """Tell whether `line` is what blog software prints below a comment: "Reply", "Permalink", "ReplyDelete"."""
    return is_nothing_but_button(line) or _whole(_BUTTON_OR_WORD, line) is not None


def is_nothing_but_button(line: str) -> bool:
    """Tell whether `line` is a button and could hardly be what somebody wrote. "Reply" could."""
    return _whole(_BUTTON, line) is not None


def is_ping(line: str) -> bool:
    """Tell whether `line` is another blog's automatic notice of a link."""
    return _whole(_PING, line) is not None


def is_removed_by_author(body: str) -> bool:
    """Tell whether `body` stands for a comment its author took back."""
    return _whole(_REMOVED_BY_AUTHOR, body) is not None


def is_removed_by_staff(body: str) -> bool:
    """Tell whether `body` stands for a comment the blog took down."""
    return _whole(_REMOVED_BY_STAFF, body) is not None


def _whole(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    """Match a whole line. Long ones are prose, and no pattern shall be tried on a megabyte."""
    return pattern.fullmatch(line) if len(line) <= _LONGEST_WORDING else None
