"""Documents of one to two views as delivered: a table in Dublin Core, a table of views, images."""

from data.holdings import letter, photograph, plan, postcard, poster
from data.holdings.folders import Folder

Row = dict[str, str | list[str]]
LILLE = "Lille (Nord) <https://sws.geonames.org/2998324/> @50.6372,3.0633"
ROUBAIX = "Roubaix (Nord) @50.6916,3.1746"
NOTE_FR = "Document de démonstration, dessiné pour Vitrine."
NOTE_EN = "Demonstration document, drawn for Vitrine."


def _row(identifier: str, title: str, english: str, **more: str | list[str]) -> Row:
    row: Row = {
        "dc:identifier": identifier,
        "dc:title@fr": title,
        "dc:title@en": english,
        "dc:creator": "",
        "dc:contributor": "",
        "dc:date": "",
        "dcterms:created": "",
        "dc:type": "",
        "dc:language": "fre",
        "dc:publisher": "",
        "dc:format": "",
        "dc:subject": "",
        "dcterms:spatial": "",
        "dc:description@fr": "",
        "dc:description@en": "",
        "dc:rights": "public-domain",
        "rights_basis": "Document de démonstration versé dans le domaine public",
        "cleared_by": "Service du patrimoine",
        "not_before": "",
        "dc:source": "",
        "genre": "",
        "images": "",
        "ark": "",
        "former_url": "",
        "former_oai": "",
        "collections": "",
        "paged": "",
        "thumbnail": "",
    }
    for key, value in more.items():
        row[
            key.replace("dc_description_EN", "dc:description@en")
            .replace("dc_description", "dc:description@fr")
            .replace("dcterms_", "dcterms:")
            .replace("dc_", "dc:")
        ] = value
    return row


def _view(image: str, kind: str, label: str, description: str = "", transcription: str = "") -> Row:
    return {
        "image": image,
        "kind": kind,
        "label": label,
        "public": "yes",
        "alto": "",
        "description": description,
        "description_language": "fr" if description else "",
        "description_by": "human" if description else "",
        "transcription": transcription,
        "transcription_language": "fr" if transcription else "",
    }


def write_pictures(folder: Folder, scale: float, quality: int) -> None:
    """Write the postcard, the photograph and the poster: a table in Windows-1252 with semicolons, the poster as TIFF."""
    for name, picture in (
        ("cp_0037_recto.jpg", postcard.recto(scale)),
        ("cp_0037_verso.jpg", postcard.verso(scale)),
        ("ph_0118_recto.jpg", photograph.recto(scale)),
        ("ph_0118_verso.jpg", photograph.verso(scale)),
        ("aff_0009.tif", poster.sheet(scale)),
    ):
        folder.picture(f"images/{name}", picture, round(400 * scale), quality)
    folder.table(
        "documents.csv",
        [
            _row(
                "CP-0037",
                "Lille. La Grand’Place, un jour de marché",
                "Lille. The main square on a market day",
                dc_creator="Dubrulle, Victor. Éditeur",
                dc_date="1908~",
                dc_type="cartes-postales",
                dc_publisher="V. Dubrulle (Lille)",
                dc_format="1 carte postale : phototypie ; 9 × 14 cm",
                dc_subject=["Cartes postales -- France -- Nord", "Marchés -- 1900-1945"],
                dcterms_spatial=LILLE,
                dc_description=f"Carte écrite par Adèle à sa sœur Élise, couturière à Roubaix, le 14 août 1908. {NOTE_FR}",
                dc_description_EN=f"Card written by Adèle to her sister Élise, a seamstress in Roubaix, on 14 August 1908. {NOTE_EN}",
                dc_source="CP 37",
                genre="carte postale",
                images=["images/cp_0037_recto.jpg", "images/cp_0037_verso.jpg"],
                former_url="https://ancienne-bibliotheque.example.org/notice/4521",
                former_oai="oai:ancienne-bibliotheque.example.org:4521",
                collections="lille-en-images",
            ),
            _row(
                "PH-0118",
                "Filature de coton, salle des continus",
                "Cotton mill, ring-spinning room",
                dc_creator="Lecœuvre frères. Photographe",
                dcterms_created="1896",
                dc_type="photographies",
                dc_language="zxx",
                dc_publisher="Lecœuvre frères (Lille)",
                dc_format="1 photographie positive : tirage argentique monté sur carton ; 21 × 27 cm",
                dc_subject=["Filatures -- Roubaix (Nord) -- 1870-1914", "Métiers à filer"],
                dcterms_spatial=ROUBAIX,
                dc_description=f"Vue prise dans l’allée centrale ; trois ouvrières entre les continus à filer. {NOTE_FR}",
                dc_description_EN=f"View down the central aisle; three workers between the spinning frames. {NOTE_EN}",
                dc_source="Ph. 118",
                genre="photographie",
                images=["images/ph_0118_recto.jpg", "images/ph_0118_verso.jpg"],
                collections="textile",
            ),
            _row(
                "AFF-0009",
                "Exposition internationale du Nord de la France, Roubaix, 1911",
                "International Exhibition of Northern France, Roubaix, 1911",
                dc_creator="Dubrulle, Victor. Imprimeur",
                dc_date="1911",
                dc_type="documents-iconographiques",
                dc_publisher="V. Dubrulle (Lille)",
                dc_format="1 affiche : lithographie en couleurs ; 120 × 85 cm",
                dc_subject=[
                    "Expositions internationales -- Roubaix (Nord) -- 1900-1945",
                    "Affiches illustrées -- 1900-1945",
                ],
                dcterms_spatial=ROUBAIX,
                dc_description=f"Affiche : soleil levant derrière les cheminées des filatures, deux bobines au premier plan. {NOTE_FR}",
                dc_description_EN=f"Poster: the sun rising behind mill chimneys, two bobbins in front. {NOTE_EN}",
                dc_source="Aff. 9",
                genre="affiche",
                images="images/aff_0009.tif",
                collections="textile",
            ),
        ],
        "cp1252",
        ";",
    )
    views = [
        _view(
            "images/cp_0037_recto.jpg",
            "recto",
            "Recto",
            "Une place bordée de maisons à pignons flamands, un beffroi à horloge, un tramway électrique, des étals de marché et des passants en habits de 1908.",
        ),
        _view(
            "images/cp_0037_verso.jpg",
            "verso",
            "Verso",
            "Côté de l’adresse : message à gauche, adresse à droite, timbre vert de cinq centimes oblitéré.",
            "\n".join((*postcard.MESSAGE, "", *postcard.ADDRESS)),
        ),
        _view(
            "images/ph_0118_recto.jpg",
            "recto",
            "Recto",
            "Longue salle de filature aux colonnes de fonte, éclairée par le toit ; courroies et poulies au plafond, ouvrières au milieu de l’allée.",
        ),
        _view("images/ph_0118_verso.jpg", "verso", "Verso du carton"),
        _view(
            "images/aff_0009.tif",
            "recto",
            "Affiche",
            "Un soleil rouge se lève derrière des usines bleu sombre ; titre en lettres rouges : Roubaix.",
        ),
    ]
    folder.table("views.csv", views, "cp1252", ";")


def write_letter(folder: Folder, scale: float, quality: int) -> None:
    """Write the letter: tables in UTF-8 with a mark, the transcription page by page."""
    images = [f"images/ms_812_f7{side}.jpg" for side in "rv"]
    for number, name in enumerate(images):
        folder.picture(name, letter.page(number, scale), round(300 * scale), quality)
    folder.table(
        "documents.csv",
        [
            _row(
                "MS-812-7",
                "Lettre de Louis Delattre à son cousin, Lille, 3 décembre 1853",
                "Letter from Louis Delattre to his cousin, Lille, 3 December 1853",
                dc_creator="Delattre, Louis. Auteur",
                dcterms_created="1853-12-03",
                dc_type="correspondances",
                dc_format="1 feuillet ; 21 × 15 cm",
                dc_subject=["Desrousseaux, Alexandre (1820-1892)", "Ouvriers du textile -- Lille (Nord) -- 19e siècle"],
                dcterms_spatial=LILLE,
                dc_description=f"Un fileur lillois donne des nouvelles de sa famille et cite la chanson de Desrousseaux, « Le P’tit Quinquin », l’année même où elle parut. {NOTE_FR}",
                dc_description_EN=f"A spinner of Lille gives news of his family and quotes Desrousseaux’s song « Le P’tit Quinquin » in the very year it appeared. {NOTE_EN}",
                dc_source="Ms 812, f. 7",
                genre="lettre",
                images=images,
                collections="lettres-et-journaux",
            ),
        ],
    )
    folder.table(
        "views.csv",
        [
            _view(
                images[0],
                "recto",
                "f. 7 recto",
                "Page manuscrite à l’encre brune, pliée en six.",
                letter.transcription(0),
            ),
            _view(images[1], "verso", "f. 7 verso", "Fin de la lettre, signée et paraphée.", letter.transcription(1)),
        ],
    )


CONTROL_POINTS = (
    ("Grande Place", 5_500, 4_670, 3.06350, 50.63690),
    ("Place d’Armes de la citadelle", 2_380, 2_700, 3.04492, 50.64437),
    ("Porte de la Barre", 3_167, 4_346, 3.04965, 50.63810),
    ("Porte de Gand", 5_673, 2_843, 3.06450, 50.64383),
    ("Porte de Roubaix", 8_236, 4_307, 3.07981, 50.63825),
    ("Porte de Tournay", 7_714, 5_934, 3.07664, 50.63216),
    ("Porte de Douay et de Paris", 5_784, 6_610, 3.06521, 50.62955),
)
"""What is where on the plan, at scale 1, and on the earth: about 42 centimetres a pixel, north at the top. Imaginary."""


def write_plan(folder: Folder, scale: float, quality: int) -> None:
    """Write the plan: one TIFF of 101 megapixels at scale 1."""
    folder.picture("images/rw_1745.tif", plan.sheet(scale), round(400 * scale), quality)
    folder.table(
        "documents.csv",
        [
            _row(
                "RW-1745",
                "Plan de la ville et citadelle de Lille, capitale de la Flandre françoise",
                "Plan of the city and citadel of Lille, capital of French Flanders",
                dcterms_created="1745",
                dc_type="cartes-et-plans",
                dc_format="1 plan : manuscrit à l’encre, aquarellé ; 59 × 70 cm",
                dc_subject=["Fortifications -- Lille (Nord) -- 18e siècle", "Plans de ville -- 18e siècle"],
                dcterms_spatial=LILLE,
                dc_description=f"Enceinte bastionnée, citadelle, faubourgs et campagne, avec renvois aux églises et aux portes. Échelle de trois cents toises. Le tracé est imaginaire. {NOTE_FR}",
                dc_description_EN=f"Bastioned walls, citadel, suburbs and country, with a table of churches and gates. The layout is imaginary. {NOTE_EN}",
                dc_source="Carton 44, pièce 3",
                genre="plan",
                images="images/rw_1745.tif",
                collections="lille-en-images",
            ),
        ],
    )
    folder.table(
        "views.csv",
        [
            _view(
                "images/rw_1745.tif",
                "recto",
                "Plan",
                "Ville fortifiée vue d’en haut : îlots roses dans une enceinte en étoile entourée d’eau ; citadelle à cinq bastions au nord-ouest ; champs et vergers alentour.",
            )
        ],
    )
    folder.table(
        "control-points.csv",
        [
            {
                "image": "images/rw_1745.tif",
                "label": label,
                "x": str(round(x * scale)),
                "y": str(round(y * scale)),
                "longitude": f"{longitude:.5f}",
                "latitude": f"{latitude:.5f}",
            }
            for label, x, y, longitude, latitude in CONTROL_POINTS
        ],
        delimiter=";",
    )
