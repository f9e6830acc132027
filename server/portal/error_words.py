"""What is wrong with an address, in French: the messages of our errors are English, and so are they on English pages. Pure.

A message that is not in the table is not shown on a French page, which then says what its status means.
"""

import re

from server.portal.language import spaced

_FRENCH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"page must be a number", "Le numéro de page doit être un nombre, compté à partir de 1."),
        (r"start must be a number", "Le numéro du premier passage (start) doit être un nombre, compté à partir de 0."),
        (r"passage must be a number", "Le numéro du passage doit être un nombre, compté à partir de 1."),
        (r"start=\d+ is further", "Les passages ne sont pas comptés si loin ; allez d’une page à la suivante."),
        (r"(\w+) has (\d+) characters; ask for (\d+)", r"La recherche a \2 caractères ; elle peut en avoir \3."),
        (r"q has (\d+) words; ask for (\d+)", r"La recherche a \1 mots ; elle peut en avoir \2."),
        (r"more than (\d+) words are asked for", r"La recherche a plus de \1 mots ; retirez-en."),
        (r"more than (\d+) values of facets", r"Plus de \1 filtres sont choisis ; retirez-en."),
        (r"there is no facet '(.*)'; facets are (.*)", r"Le filtre « \1 » n’existe pas ; les filtres sont \2."),
        (r"sort='(.*)' is no order; sort by (.*)", r"Le tri « \1 » n’existe pas ; les tris sont \2."),
        (
            r"(\w+)='(.*)' is no number from (\d+) to (\d+)",
            r"\1=\2 n’est pas un nombre de \3 à \4 ; écrivez-le en chiffres.",
        ),
        (r"(\S+) has no view f(\d+)", r"Ce document n’a pas de vue \2."),
        (r"there is no image \S+", "Ce document n’a pas cette vue."),
        (r"(\S+) has no part (.*); a view is", r"Ce document n’a pas de partie « \2 » ; une vue s’écrit f et son numéro, comme f12."),
        (r"this is not an ARK", "Ce n’est pas une adresse permanente ; elle s’écrit ark:/NAAN/nom."),
        (r"there is no published item (\S+)", r"Aucun document n’a le nom « \1 »."),
        (
            r"there is no newspaper, work or selection called '(.*)'; its page",
            r"Aucun journal, aucun ouvrage et aucune sélection n’a le nom « \1 » ; la page de chacun l’a dans son adresse.",
        ),
        (r"there is no collection (.*)", r"Aucune collection n’a le nom « \1 »."),
        (r"the collection (.*) is empty", "Cette collection est vide : aucun document n’y est en ligne."),
        (r"the collection (.*) has (\d+) pages?", r"Cette liste compte \2 page(s)."),
        (r"the mosaic of \S+ has (\d+) pages?", r"Cette mosaïque compte \1 page(s)."),
        (r"no published document shows a place called (.*)", r"Aucun document en ligne ne montre de lieu du nom de « \1 »."),
        (r"(.*) is no stretch of years; it is written", r"« \1 » n’est pas une suite d’années ; elle s’écrit 1900-1909."),
        (r"(.*) is no stretch of years; the first", r"« \1 » n’est pas une suite d’années ; la première vient avant la dernière."),
        (r"no published document is from the years (\d+) to (\d+)", r"Aucun document en ligne n’est des années \1 à \2."),
        (r"there is no portal (\S*);", r"Aucun portail n’a le nom « \1 » ; la page de l’institution nomme ceux qu’il y a."),
        (r"state must be one of (.*), and needs a portal", r"L’état (state) est l’un de ceux-ci : \1 ; il faut aussi un portail (portal)."),
        (r"nothing was ever known as (.*)", r"Rien n’a jamais porté le nom « \1 »."),
        (r"this search takes too long", "Cette recherche prend trop de temps ; cherchez un mot plus rare, ou un document à la fois."),
        (r"there is nothing at this address: it holds a NUL", "Cette adresse contient un caractère nul."),
    )
)  # fmt: skip


def in_french(message: str) -> str:
    """Return a message of an error in French; empty where it has no French words."""
    for pattern, words in _FRENCH:
        if found := pattern.match(message):
            return spaced(found.expand(words))
    return ""
