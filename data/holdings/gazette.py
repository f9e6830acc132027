"""Newspaper copy: news in brief, markets, civil registers and advertisements, put together from parts of sentences.

Nothing in it happened; names and numbers are drawn by lot. Works in the public domain are quoted from `library`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.holdings.library import french


@dataclass(frozen=True, slots=True)
class Article:
    """A piece of a newspaper: heading, then paragraphs, lines of verse or rows of a table."""

    kind: str
    title: str
    paragraphs: tuple[str, ...] = ()
    kicker: str = ""
    deck: str = ""
    signature: str = ""
    verse: bool = False
    rows: tuple[tuple[str, str], ...] = ()


FIRST = (
    "Jules",
    "Émile",
    "Henri",
    "Louis",
    "Désiré",
    "Achille",
    "Gustave",
    "Alphonse",
    "Edmond",
    "Théophile",
    "Cyrille",
    "Floris",
    "Narcisse",
    "Léon",
    "Victor",
    "Augustin",
    "Aimé",
    "Carlos",
    "Omer",
    "Oscar",
)
FIRST_F = (
    "Marie",
    "Jeanne",
    "Adèle",
    "Zoé",
    "Célestine",
    "Élise",
    "Pauline",
    "Hortense",
    "Léonie",
    "Sidonie",
    "Flore",
    "Julienne",
    "Mathilde",
    "Clémence",
    "Eugénie",
    "Philomène",
    "Rosalie",
    "Élodie",
    "Angèle",
    "Marthe",
)
NAMES = (
    "Delattre",
    "Vanhoutte",
    "Lefebvre",
    "Dubrulle",
    "Desmet",
    "Catteau",
    "Lecœuvre",
    "Deconinck",
    "Mulliez",
    "Herbaux",
    "Carpentier",
    "Verstraete",
    "Duthoit",
    "Leclercq",
    "Salembier",
    "Wattrelot",
    "Bonduelle",
    "Delannoy",
    "Crépin",
    "Tiberghien",
    "Florin",
    "Hennion",
    "Delecroix",
    "Dhalluin",
    "Masurel",
    "Pollet",
    "Defrenne",
    "Lepoutre",
)
STREETS = (
    "rue de la Clef",
    "rue Esquermoise",
    "rue des Arts",
    "rue de Béthune",
    "rue Nationale",
    "place aux Bleuets",
    "rue du Molinel",
    "quai de la Basse-Deûle",
    "rue de l’Épeule",
    "Grande-Rue",
    "rue du Vieil-Abreuvoir",
    "boulevard de Belfort",
    "rue de Lannoy",
    "rue de Tournai",
    "rue d’Angleterre",
    "rue de Gand",
    "rue des Longues-Haies",
    "rue de Wazemmes",
    "place Sébastopol",
    "rue du Pont-Neuf",
    "rue des Tanneurs",
    "rue de Paris",
)
TOWNS = (
    "Lille",
    "Roubaix",
    "Tourcoing",
    "Armentières",
    "Halluin",
    "Comines",
    "Quesnoy-sur-Deûle",
    "La Madeleine",
    "Marcq-en-Barœul",
    "Wambrechies",
    "Haubourdin",
    "Seclin",
    "Lannoy",
    "Croix",
    "Wasquehal",
    "Hellemmes",
    "Loos",
    "La Bassée",
    "Bailleul",
    "Wattrelos",
)
TRADES = (
    "fileur",
    "tisserand",
    "rattacheur",
    "peigneur de laine",
    "charretier",
    "cabaretier",
    "cordonnier",
    "mécanicien",
    "batelier",
    "menuisier",
    "employé de commerce",
    "boulanger",
    "serrurier",
    "apprêteur",
    "trieur de laines",
    "maréchal ferrant",
)
TRADES_F = (
    "couturière",
    "dentellière",
    "soigneuse",
    "piqûrière",
    "ménagère",
    "servante",
    "modiste",
    "bobineuse",
    "repasseuse",
)


def _pick(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]


def _man(rng: np.random.Generator) -> str:
    return f"{_pick(rng, FIRST)} {_pick(rng, NAMES)}"


def _age(rng: np.random.Generator, low: int = 17, high: int = 71) -> int:
    return int(rng.integers(low, high))


def _accident(rng: np.random.Generator) -> Article:
    where, hour = _pick(rng, STREETS), _pick(rng, ("six", "sept", "huit", "neuf", "dix", "onze"))
    what = _pick(
        rng,
        (
            "une voiture chargée de balles de coton, dont le cheval s’était emporté, est venue heurter la devanture d’un estaminet",
            "un tramway de la ligne du boulevard a tamponné un camion de brasseur arrêté le long du trottoir",
            "un échafaudage dressé contre la façade d’une maison en réparation s’est écroulé avec fracas",
            "la courroie d’une transmission a sauté dans l’atelier de préparation d’une filature",
        ),
    )
    harm = _pick(
        rng,
        (
            "en a été quitte pour de fortes contusions",
            "a eu le bras gauche fracturé",
            "porte à la tête une blessure qui, par bonheur, n’inspire point d’inquiétude",
            "a été relevé sans connaissance et porté à l’hôpital Saint-Sauveur",
        ),
    )
    close = _pick(
        rng,
        (
            "M. le docteur Lemaire lui a prodigué ses soins.",
            "Une enquête est ouverte par M. le commissaire du quartier.",
            "Les dégâts sont évalués à près de " + str(int(rng.integers(2, 19)) * 50) + " francs.",
            "La foule, accourue au bruit, n’a cessé de s’empresser autour du blessé.",
        ),
    )
    text = (
        f"Hier soir, vers {hour} heures, {where}, {what}. Le nommé {_man(rng)}, {_pick(rng, TRADES)}, âgé de {_age(rng)} ans, "
        f"qui passait à ce moment, {harm}. {close}"
    )
    return Article(
        "article",
        _pick(rng, ("Accident", "Un accident de voiture", "Grave accident", "Accident de travail")),
        (french(text),),
        kicker=_pick(rng, TOWNS),
    )


def _theft(rng: np.random.Generator) -> Article:
    loot = _pick(
        rng,
        (
            "trois pièces de toile et une montre en argent",
            "un lot de fils de laine peignée",
            "douze lapins et quatre poules",
            "une somme de quarante-deux francs que renfermait un tiroir",
            "deux pardessus et un parapluie",
            "une bicyclette toute neuve, laissée dans le corridor",
        ),
    )
    text = (
        f"Des malfaiteurs, restés inconnus, se sont introduits dans la nuit de dimanche à lundi chez M. {_pick(rng, NAMES)}, "
        f"{_pick(rng, ('négociant', 'cabaretier', 'rentier', 'marchand de charbon', 'épicier'))}, {_pick(rng, STREETS)}, en escaladant le mur du jardin. "
        f"Ils ont fait main basse sur {loot}. "
        + _pick(
            rng,
            (
                "La gendarmerie recherche les coupables.",
                "On croit être sur la trace des voleurs.",
                "C’est le troisième méfait de ce genre depuis un mois ; les habitants réclament, non sans raison, une surveillance plus active.",
            ),
        )
    )
    return Article(
        "article",
        _pick(rng, ("Vol avec escalade", "Les cambrioleurs", "Vol", "Encore un vol")),
        (french(text),),
        kicker=_pick(rng, TOWNS),
    )


def _fire(rng: np.random.Generator) -> Article:
    text = (
        f"Un incendie s’est déclaré {_pick(rng, ('lundi', 'mardi', 'hier', 'avant-hier'))}, à {_pick(rng, ('quatre heures du matin', 'la tombée de la nuit', 'une heure de relevée'))}, "
        f"dans les magasins de MM. {_pick(rng, NAMES)} frères, {_pick(rng, STREETS)}. Activées par un vent violent, les flammes ont bientôt gagné la toiture. "
        f"Les sapeurs-pompiers, sous les ordres du capitaine {_pick(rng, NAMES)}, ont mis {_pick(rng, ('deux', 'trois', 'quatre'))} lances en batterie et se sont rendus maîtres du feu "
        f"après {_pick(rng, ('une heure', 'deux heures', 'une nuit'))} d’efforts. Les pertes, couvertes par une assurance, s’élèvent à {int(rng.integers(4, 60)) * 1000:,} francs.".replace(
            ",000 francs", ".000 francs"
        )
    )
    return Article(
        "article",
        _pick(rng, ("L’incendie de cette nuit", "Un incendie", "Le feu")),
        (french(text),),
        kicker=_pick(rng, TOWNS),
    )


def _society(rng: np.random.Generator) -> Article:
    club = _pick(
        rng,
        (
            "La Société chorale des Orphéonistes",
            "L’Harmonie municipale",
            "La Fanfare des Anciens Élèves",
            "La Société des Archers de Saint-Sébastien",
            "Le Cercle horticole du Nord",
            "La Société de Géographie",
            "L’Union des Coulonneux",
            "La Gymnastique « La Patriote »",
        ),
    )
    text = (
        f"{club} tiendra son assemblée générale dimanche prochain, à {_pick(rng, ('dix', 'onze', 'quatre', 'cinq'))} heures, au local habituel, chez M. {_pick(rng, NAMES)}, {_pick(rng, STREETS)}. "
        f"Ordre du jour : compte rendu de l’exercice écoulé ; admission de {int(rng.integers(3, 14))} membres nouveaux ; organisation de la fête d’été. "
        + _pick(
            rng,
            (
                "La présence de tous est de rigueur.",
                "Un concert suivra, au profit de l’œuvre de la Goutte de lait.",
                "Les sociétaires sont priés de se munir de leur insigne.",
            ),
        )
    )
    return Article(
        "article",
        _pick(rng, ("Convocation", "Réunion de société", "Nos sociétés")),
        (french(text),),
        kicker=_pick(rng, TOWNS),
    )


def _court(rng: np.random.Generator) -> Article:
    text = (
        f"Le tribunal correctionnel, présidé par M. {_pick(rng, NAMES)}, a condamné hier : {_man(rng)}, {_pick(rng, TRADES)}, pour {_pick(rng, ('coups et blessures', 'ivresse et tapage nocturne', 'filouterie d’aliments'))}, "
        f"à {int(rng.integers(2, 16))} jours de prison ; {_man(rng)}, pour {_pick(rng, ('contrebande de tabac belge', 'délit de chasse', 'outrages aux agents'))}, à {int(rng.integers(1, 9)) * 25} francs d’amende ; "
        f"la femme {_pick(rng, NAMES)}, {_pick(rng, TRADES_F)}, pour vol à l’étalage, à {int(rng.integers(5, 16))} francs avec sursis."
    )
    return Article(
        "article",
        "Tribunal correctionnel",
        (french(text),),
        kicker=_pick(rng, ("Lille", "Audience de mardi", "Chronique judiciaire")),
    )


def _customs(rng: np.random.Generator) -> Article:
    text = (
        f"Les préposés des douanes en embuscade près du hameau {_pick(rng, ('du Risquons-Tout', 'du Mont-Noir', 'de la Marlière', 'du Touquet'))} ont saisi, la nuit dernière, "
        f"{int(rng.integers(12, 90))} kilos de tabac que portaient deux chiens dressés à la fraude. Les animaux, malgré une vive poursuite, ont regagné la frontière ; "
        f"leur maître, que l’on soupçonne fort d’être un {_pick(rng, TRADES)} de {_pick(rng, TOWNS)}, court encore."
    )
    return Article("article", "Les fraudeurs", (french(text),), kicker="À la frontière")


def _sport(rng: np.random.Generator) -> Article:
    first, second, third = (NAMES[int(i)] for i in rng.choice(len(NAMES), 3, replace=False))
    text = (
        f"La course de {int(rng.integers(4, 11)) * 10} kilomètres organisée par le Vélo-Club a réuni dimanche {int(rng.integers(14, 42))} partants, malgré la boue et le vent debout. "
        f"Arrivées : 1er, {first}, en {int(rng.integers(2, 4))} h. {int(rng.integers(10, 59))} m. ; 2e, {second}, à une roue ; 3e, {third}. {_pick(rng, TOWNS)} avait pavoisé ; la fanfare a salué les vainqueurs."
    )
    return Article("article", _pick(rng, ("Vélocipédie", "La course de dimanche")), (french(text),), kicker="Sports")


def _pigeons(rng: np.random.Generator) -> Article:
    text = (
        f"Concours sur {_pick(rng, ('Arras', 'Amiens', 'Clermont', 'Chantilly', 'Creil'))}, {int(rng.integers(180, 940))} pigeons, lâchés à {_pick(rng, ('sept', 'huit'))} heures par vent de nord-est. "
        f"Premier prix : M. {_pick(rng, NAMES)}, à {_pick(rng, TOWNS)} ; deuxième : M. {_pick(rng, NAMES)} ; troisième : MM. {_pick(rng, NAMES)} et fils. La mise en loges du prochain concours se fera samedi soir."
    )
    return Article("article", "Nos coulonneux", (french(text),), kicker="Colombophilie")


def _council(rng: np.random.Generator) -> Article:
    text = (
        f"Le conseil municipal s’est réuni hier, sous la présidence du maire. Il a voté un crédit de {int(rng.integers(3, 48)) * 500} francs pour le pavage de la {_pick(rng, ('rue Haute', 'rue du Moulin', 'rue des Écoles', 'ruelle du Béguinage'))}, "
        f"adopté le projet d’un bain-douche à bon marché, et renvoyé à la commission des finances la demande de la Société de secours mutuels. M. {_pick(rng, NAMES)} a réclamé l’éclairage du quai au gaz jusqu’à minuit ; sa proposition, mise aux voix, est adoptée."
    )
    return Article("article", "Conseil municipal", (french(text),), kicker=_pick(rng, TOWNS))


def _school(rng: np.random.Generator) -> Article:
    text = (
        f"Une fête charmante a réuni jeudi, à l’école de la {_pick(rng, STREETS)}, les enfants des classes enfantines et leurs familles. On y a chanté Desrousseaux et récité La Fontaine. "
        f"La petite {_pick(rng, FIRST_F)} {_pick(rng, NAMES)} a dit avec beaucoup de cœur « La Cigale et la Fourmi ». Une quête, faite au profit des orphelins, a produit {int(rng.integers(30, 190))} fr. {_pick(rng, ('25', '50', '75'))}."
    )
    return Article(
        "article", _pick(rng, ("À l’école", "Une fête enfantine")), (french(text),), kicker=_pick(rng, TOWNS)
    )


def _harvest(rng: np.random.Generator) -> Article:
    text = (
        f"Les semailles de lin se font cette année dans de bonnes conditions. Aux environs de {_pick(rng, TOWNS)}, les terres, ressuyées par le vent d’est, se laissent travailler ; les seigles sont verts et les colzas relèvent. "
        f"Le fumier se paye {int(rng.integers(6, 12))} francs le mille. On signale quelques dégâts de mulots."
    )
    return Article("article", "Nouvelles agricoles", (french(text),), kicker="La campagne")


def _navigation(rng: np.random.Generator) -> Article:
    text = (
        f"Il est passé cette semaine à l’écluse {_pick(rng, ('de la Barre', 'Saint-André', 'de Quesnoy', 'de Wambrechies', 'de Deûlémont'))} {int(rng.integers(60, 240))} bateaux chargés et {int(rng.integers(20, 90))} vides : charbons de Lens pour la Belgique, "
        f"blés de Dunkerque, bois du Nord, pierres de Tournai. Le mouillage est de deux mètres. Chômage annoncé pour le mois de juin."
    )
    return Article("article", "La batellerie", (french(text),), kicker="Sur la Deûle")


DISPATCHES: tuple[tuple[str, str, str], ...] = (
    (
        "Londres",
        "La brume",
        "Un brouillard épais couvre la Tamise depuis trois jours. La navigation est interrompue ; les lanternes des cabs ne se voient pas à dix pas.",
    ),
    (
        "Bruxelles",
        "Au parc",
        "Une foule nombreuse a visité hier l’exposition d’horticulture. Les orchidées des serres de Laeken ont obtenu le grand prix d’honneur.",
    ),
    (
        "Dunkerque",
        "La pêche d’Islande",
        "Les goélettes ont appareillé à la marée du matin. Les femmes et les enfants, massés sur l’estacade, ont agité leurs mouchoirs jusqu’à ce que la dernière voile eût disparu.",
    ),
    (
        "Paris",
        "À l’Académie",
        "La séance a été remplie par la lecture d’un rapport sur les travaux de la commission du dictionnaire. Le mot « aviateur » a donné lieu à un débat.",
    ),
    (
        "Anvers",
        "Le marché des laines",
        "La demande reste soutenue. Les Buenos-Ayres fines gagnent cinq centimes ; les croisées sont sans changement.",
    ),
    (
        "Le Havre",
        "Arrivage",
        "Le paquebot venant de New-York est entré au port avec douze heures d’avance, après une traversée des plus belles.",
    ),
    (
        "Valenciennes",
        "Une trouvaille",
        "En creusant les fondations d’une brasserie, des ouvriers ont mis au jour un pot de grès rempli de monnaies à l’effigie de Charles-Quint.",
    ),
    (
        "Calais",
        "L’aéroplane",
        "Les essais ont repris sur la falaise de Sangatte. L’appareil s’est tenu en l’air durant quatre minutes, à la hauteur d’un clocher.",
    ),
)


def dispatch(rng: np.random.Generator, number: int) -> Article:
    """Return a telegram from elsewhere, one of DISPATCHES."""
    place, title, text = DISPATCHES[number]
    return Article(
        "article",
        title,
        (french(f"{place}, {int(rng.integers(1, 12))} h. {_pick(rng, ('matin', 'soir'))}. — {text}"),),
        kicker="Dépêches télégraphiques",
    )


BRIEFS: tuple[Callable[[np.random.Generator], Article], ...] = (
    _accident,
    _council,
    _theft,
    _sport,
    _fire,
    _society,
    _navigation,
    _court,
    _school,
    _customs,
    _harvest,
    _pigeons,
)


def brief(rng: np.random.Generator, turn: int) -> Article:
    """Return a news item of a few lines."""
    return BRIEFS[turn % len(BRIEFS)](rng)


def civil_register(rng: np.random.Generator) -> Article:
    """Return the births, marriages and deaths of a day."""
    born = " — ".join(
        f"{_pick(rng, FIRST + FIRST_F)} {_pick(rng, NAMES)}, {_pick(rng, STREETS)}, {_age(rng, 2, 190)}"
        for _ in range(9)
    )
    wed = " — ".join(
        f"{_man(rng)}, {_pick(rng, TRADES)}, et {_pick(rng, FIRST_F)} {_pick(rng, NAMES)}, {_pick(rng, TRADES_F)}"
        for _ in range(4)
    )
    dead = " — ".join(
        f"{_pick(rng, FIRST + FIRST_F)} {_pick(rng, NAMES)}, {_age(rng, 1, 90)} ans, {_pick(rng, STREETS)}"
        for _ in range(8)
    )
    return Article(
        "section",
        "État civil",
        tuple(
            french(text)
            for text in (f"Naissances. — {born}.", f"Publications de mariages. — {wed}.", f"Décès. — {dead}.")
        ),
        kicker="Lille",
    )


def weather(rng: np.random.Generator) -> Article:
    """Return the weather of the day."""
    text = (
        f"Le baromètre est à {int(rng.integers(748, 772))} millimètres. Vent {_pick(rng, ('de sud-ouest', 'd’ouest', 'de nord-est', 'de nord-ouest'))} assez fort ; ciel {_pick(rng, ('nuageux', 'couvert', 'brumeux', 'clair'))}. "
        f"Thermomètre : minimum, {int(rng.integers(0, 5))}° ; maximum, {int(rng.integers(6, 14))}°. Lever du soleil, 6 h. 4{int(rng.integers(0, 9))} ; coucher, 5 h. 3{int(rng.integers(0, 9))}."
    )
    return Article("section", "Le Temps", (french(text),))


def exchange(rng: np.random.Generator) -> Article:
    """Return the quotations of the Lille exchange."""
    names = (
        "3 % perpétuel",
        "3 % amortissable",
        "Ville de Lille 1860",
        "Ville de Lille 1893",
        "Ville de Roubaix 1884",
        "Crédit du Nord",
        "Mines d’Anzin, 100e",
        "Mines d’Aniche",
        "Mines de Lens, 100e",
        "Mines de Courrières",
        "Mines de Béthune",
        "Mines de Bruay, 20e",
        "Mines de Dourges",
        "Mines de Liévin",
        "Forges de Denain",
        "Fives-Lille",
        "Gaz de Wazemmes",
        "Tramways de Roubaix",
        "Ch. de fer du Nord",
        "Suez",
    )
    rows = tuple((name, f"{int(rng.integers(90, 5400))} {_pick(rng, ('»', '50', '25', '75'))}") for name in names)
    return Article("section", "Bourse de Lille", rows=rows, kicker="Bulletin financier")


def markets(rng: np.random.Generator) -> Article:
    """Return the prices of a market day."""
    names = (
        "Blé blanc, l’hectolitre",
        "Blé roux",
        "Avoine",
        "Fèves",
        "Pommes de terre",
        "Lin, les 100 kilos",
        "Huile de colza",
        "Huile de lin",
        "Tourteaux de lin",
        "Beurre, le kilo",
        "Œufs, le quarteron",
        "Houblon, les 50 kilos",
        "Sucre blanc n° 3",
        "Alcool, disponible",
        "Laine peignée, livrable",
    )
    rows = tuple((name, f"{int(rng.integers(1, 74))} {_pick(rng, ('»', '50', '25', '75', '10'))}") for name in names)
    return Article(
        "section",
        "Marchés",
        rows=rows,
        kicker=_pick(rng, ("Halle de Lille", "Marché d’Hazebrouck", "Marché de Bergues")),
    )


def theatres(rng: np.random.Generator) -> Article:
    """Return what is played tonight."""
    works = (
        "Carmen",
        "Faust",
        "Mireille",
        "La Mascotte",
        "Les Cloches de Corneville",
        "Guillaume Tell",
        "Les Huguenots",
        "Mignon",
        "Lakmé",
        "La Juive",
    )
    one, two, three = (works[int(i)] for i in rng.choice(len(works), 3, replace=False))
    texts = (
        f"Grand-Théâtre. — Ce soir, à huit heures : {one}, opéra. Le spectacle commencera par un acte de comédie.",
        f"Hippodrome lillois. — {two}, avec le concours de Mlle {_pick(rng, NAMES)}, de l’Opéra-Comique. Bureaux à sept heures et demie.",
        f"Théâtre de Roubaix. — Dimanche, en matinée : {three}. Prix ordinaires.",
    )
    return Article("section", "Spectacles", tuple(french(text) for text in texts))


ADVERTISEMENTS: tuple[tuple[str, ...], ...] = (
    (
        "CHARBONS",
        "de toutes provenances",
        "GAILLETERIES • BRIQUETTES • COKE",
        "V. Dubrulle & Fils",
        "Quai de la Basse-Deûle, Lille",
    ),
    (
        "CHICORÉE",
        "à la Belle Flamande",
        "La plus pure — la plus économique",
        "Exiger la marque sur chaque paquet",
        "En vente chez tous les épiciers",
    ),
    (
        "MACHINES À COUDRE",
        "« La Roubaisienne »",
        "Garantie dix ans",
        "5 FRANCS PAR MOIS",
        "Rue du Vieil-Abreuvoir, Roubaix",
    ),
    ("BIÈRE DE GARDE", "Brasserie de la Deûle", "Fûts et bouteilles", "Livraison à domicile", "Wambrechies (Nord)"),
    ("AU BON FERMIER", "Beurres, œufs et fromages", "ARRIVAGES TOUS LES MATINS", "Rue Esquermoise, 14, Lille"),
    (
        "PHOTOGRAPHIE D’ART",
        "Atelier Lecœuvre",
        "Portraits, groupes, agrandissements",
        "Ouvert le dimanche jusqu’à midi",
        "Rue Nationale, 61, Lille",
    ),
    (
        "PILULES DU Dr MAES",
        "contre la toux, le rhume, l’oppression",
        "Le flacon : 1 fr. 75",
        "Dans toutes les pharmacies",
    ),
    ("VÉLOCIPÈDES", "Ateliers Verstraete & Cie", "RÉPARATIONS EN TOUS GENRES", "Boulevard de Belfort, Lille"),
    (
        "LIBRAIRIE DU GRAND-BEFFROI",
        "Œuvres de Victor Hugo, Jules Verne,",
        "Émile Zola, Desrousseaux",
        "ABONNEMENT DE LECTURE",
        "Place du Théâtre, Lille",
    ),
    ("SAVON DU LION DE FLANDRE", "Extra-pur, 72 % d’huile", "Fabrique à Marcq-en-Barœul"),
    ("ESTAMINET À CÉDER", "Bonne clientèle, jeu de quilles", "S’adresser au bureau du journal"),
    ("CHAPELLERIE CATTEAU", "Feutres, soies, melons", "DERNIÈRES NOUVEAUTÉS", "Grande-Rue, 112, Roubaix"),
    ("DENTS", "Extractions sans douleur", "Cabinet ouvert de 9 h. à 5 h.", "Rue de Béthune, 8 bis, Lille"),
    ("TOILES & LINGE", "Trousseaux, layettes, rideaux", "Tissage à Armentières", "VENTE AU DÉTAIL", "Prix de fabrique"),
    (
        "CHEMINS DE FER DU NORD",
        "Bains de mer : Malo, Wimereux, Berck",
        "BILLETS D’ALLER ET RETOUR",
        "à prix réduits, les dimanches et fêtes",
    ),
    ("PIANOS & ORGUES", "Location, accords, échanges", "Maison fondée en 1862", "Rue des Arts, 33, Lille"),
)
