"""What a request is told that breaks the protocol, in English for harvesters and in French for who reads the page.

OAI-PMH 2.0 §3.6 leaves the words to the repository; an `<error>` has one text, and harvesters' logs are read in English.
Pure.
"""

from server.oai.errors import OaiError

SENTENCES: dict[str, tuple[str, str]] = {
    "verb missing": (
        "the verb is missing; it is one of {verbs}",
        "le verbe manque ; c’est l’un de ceux-ci : {verbs}",
    ),
    "verb repeated": ("the verb is given more than once", "le verbe est donné plus d’une fois"),
    "no verb": (
        "{verb} is not a verb; use one of {verbs}",
        "{verb} n’est pas un verbe ; employer l’un de ceux-ci : {verbs}",
    ),
    "repeated": ("the argument {name} is given {times} times", "l’argument {name} est donné {times} fois"),
    "unknown": ("{verb} takes no argument {name}", "{verb} n’a pas d’argument {name}"),
    "exclusive": (
        "{name} stands alone: it holds the other arguments already",
        "{name} s’emploie seul : il contient déjà les autres arguments",
    ),
    "required": ("{verb} needs the argument {name}", "{verb} demande l’argument {name}"),
    "empty": ("the argument {name} is empty", "l’argument {name} est vide"),
    "too long": (
        "the value of {name} is longer than {longest} characters",
        "la valeur de {name} a plus de {longest} caractères",
    ),
    "prefix": (
        "metadataPrefix {prefix} is not a name of a format; ListMetadataFormats has them",
        "metadataPrefix {prefix} n’est pas un nom de format ; ListMetadataFormats les donne",
    ),
    "set": (
        "set {spec} is not a setSpec; ListSets has them",
        "set {spec} n’est pas un nom d’ensemble ; ListSets les donne",
    ),
    "identifier": ("identifier {identifier} is not a URI", "identifier {identifier} n’est pas un URI"),
    "date": (
        "{name} {date} is not a date; write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, in UTC",
        "{name} {date} n’est pas une date ; écrire AAAA-MM-JJ ou AAAA-MM-JJThh:mm:ssZ, en temps universel",
    ),
    "granularities": (
        "from and until are of different granularities; write both as days or both to the second",
        "from et until n’ont pas la même granularité ; les écrire tous deux au jour ou tous deux à la seconde",
    ),
    "turned": ("from {since} is later than until {until}", "from {since} est postérieur à until {until}"),
    "body too long": (
        "the request is longer than {longest} bytes",
        "la demande a plus de {longest} octets",
    ),
    "no form": (
        "a POST carries its arguments as {form}",
        "un POST porte ses arguments sous la forme {form}",
    ),
    "no token": (
        "{token} is not a token that this repository gave",
        "{token} n’est pas un jeton que cet entrepôt a donné",
    ),
    "foreign token": (
        "this resumption token is not one that this repository gave; begin the list anew",
        "ce jeton de reprise n’a pas été donné par cet entrepôt ; recommencer la liste",
    ),
    "token of a verb": (
        "this resumption token belongs to {theirs}, not to {verb}",
        "ce jeton de reprise appartient à {theirs}, non à {verb}",
    ),
    "token of a repository": (
        "this resumption token belongs to another repository; begin the list anew",
        "ce jeton de reprise appartient à un autre entrepôt ; recommencer la liste",
    ),
    "token expired": (
        "this resumption token expired at {moment}; begin the list anew",
        "ce jeton de reprise a expiré le {moment} ; recommencer la liste",
    ),
    "no record": (
        "no record matches from, until, set and metadataPrefix together",
        "aucune notice ne répond à la fois à from, until, set et metadataPrefix",
    ),
    "no set": (
        "no set exists yet: nothing has been published",
        "il n’y a pas encore d’ensemble : rien n’a été publié",
    ),
    "not in format": (
        "{identifier} has no record in {prefix}",
        "{identifier} n’a pas de notice en {prefix}",
    ),
    "no formats": (
        "{identifier} has no record in a format that is offered; those are {offered}",
        "{identifier} n’a de notice dans aucun des formats proposés, qui sont {offered}",
    ),
    "no format": (
        "{prefix} is not offered; the formats are {offered}",
        "{prefix} n’est pas proposé ; les formats sont {offered}",
    ),
    "former": (
        "{identifier} was its identifier elsewhere; here it is {present}",
        "{identifier} était son identifiant ailleurs ; ici, c’est {present}",
    ),
    "no identifier": (
        "{identifier} is not the identifier of a record here",
        "{identifier} n’est l’identifiant d’aucune notice ici",
    ),
}
"""English and French, with the same names in braces."""


def fault(code: str, which: str, **values: object) -> OaiError:
    """Return an error with one of the sentences, filled in."""
    english, french = SENTENCES[which]
    return OaiError(code, english.format(**values), french.format(**values))
