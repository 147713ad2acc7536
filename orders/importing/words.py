"""Words of a cell that stand for one of a few values: countries, priorities, proofs, skills."""

from __future__ import annotations

import re

from core.words import say
from orders.importing.fields import folded
from orders.importing.values import BadValue, quoted

# ISO 3166-1 alpha-2, officially assigned, and XK (Kosovo, user-assigned but used by posts).
_ALPHA_2 = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ALPHA_2.split())
_COUNTRY_NAMES = {
    folded(name): code
    for code, names in {
        "AT": "AUT, Austria, Österreich, Oostenrijk, Autriche, Avusturya, A",
        "BE": "BEL, Belgium, België, Belgien, Belgique, Bélgica, Belçika, B",
        "CH": "CHE, Switzerland, Schweiz, Zwitserland, Suisse, Suiza, İsviçre",
        "CZ": "CZE, Czechia, Czech Republic, Tschechien, Tsjechië, Tchéquie, Chequia, Çekya",
        "DE": "DEU, GER, Germany, Deutschland, Duitsland, Allemagne, Alemania, Almanya, D",
        "DK": "DNK, Denmark, Dänemark, Denemarken, Danemark, Dinamarca, Danimarka",
        "ES": "ESP, Spain, Spanien, Spanje, Espagne, España, İspanya, E",
        "FI": "FIN, Finland, Finnland, Finlande, Finlandia, Finlandiya",
        "FR": "FRA, France, Frankreich, Frankrijk, Francia, Fransa, F",
        "GB": "UK, GBR, United Kingdom, Great Britain, England, Scotland, Wales, Großbritannien, "
        "Vereinigtes Königreich, Verenigd Koninkrijk, Royaume-Uni, Reino Unido, Birleşik Krallık",
        "GR": "EL, GRC, Greece, Griechenland, Griekenland, Grèce, Grecia, Yunanistan",
        "IE": "IRL, Ireland, Irland, Ierland, Irlande, Irlanda",
        "IT": "ITA, Italy, Italien, Italië, Italie, Italia, İtalya, I",
        "LU": "LUX, Luxembourg, Luxemburg, Luxemburgo, Lüksemburg, L",
        "NL": "NLD, Netherlands, The Netherlands, Holland, Nederland, Niederlande, Pays-Bas, Países Bajos, Hollanda",
        "NO": "NOR, Norway, Norwegen, Noorwegen, Norvège, Noruega, Norveç",
        "PL": "POL, Poland, Polen, Pologne, Polonia, Polonya, Polska",
        "PT": "PRT, Portugal, Portekiz",
        "SE": "SWE, Sweden, Schweden, Zweden, Suède, Suecia, İsveç",
        "TR": "TUR, Turkey, Türkiye, Türkei, Turkije, Turquie, Turquía",
        "US": "USA, United States, United States of America, Vereinigte Staaten, Verenigde Staten, États-Unis, "
        "Estados Unidos, ABD",
    }.items()
    for name in names.split(",")
}
_PRIORITIES = {
    folded(word): priority
    for priority, words in {
        "normal": "normal, standard, medium, regular, default, low, laag, niedrig, gering, gewoon, normaal, bas, "
        "basse, faible, normale, baja, media, estándar, düşük, orta, standart, economy",
        "high": "high, hoch, hoog, haut, haute, élevé, élevée, alta, alto, yüksek, important, wichtig, belangrijk",
        "urgent": "urgent, urgente, express, asap, rush, critical, highest, very high, dringend, eilig, eilt, spoed, "
        "sehr hoch, acil, çok yüksek, ivedi",
    }.items()
    for word in words.split(",")
}
_PROOFS = {
    folded(word): proof
    for proof, words in {
        "none": "none, no, not required, nothing, geen, nee, keine, kein, nein, ohne, aucun, aucune, non, sans, "
        "ninguno, ninguna, sin, yok, hayır, gerekmez",
        "photo": "photo, picture, image, foto, bild, fotoğraf, fotografía, photographie",
        "signature": "signature, sign, signed, handtekening, unterschrift, signatur, firma, imza",
        "pin": "pin, pin code, pincode, code, otp, pin-code, kod, şifre, código",
    }.items()
    for word in words.split(",")
}
_CONFIRMATIONS = {
    folded(word): needed
    for needed, words in {
        True: "yes, y, true, 1, x, required, ja, j, wahr, waar, oui, o, vrai, sí, s, verdadero, evet, e, doğru",
        False: "no, n, false, 0, none, not required, nee, nein, falsch, onwaar, non, faux, falso, hayır, h, yanlış",
    }.items()
    for word in words.split(",")
}
_BETWEEN_SKILLS = re.compile(r"[,;|/\n]+")
_NOT_SKILL = re.compile(r"[^\w]+")
_MOST_SKILLS = 20
_SKILL_CHARS = 30


def country(text: str) -> str:
    """ISO 3166-1 alpha-2 of a code or a name. Raises BadValue country_unknown."""
    upper = text.upper()
    if upper in COUNTRIES:
        return upper
    code = _COUNTRY_NAMES.get(folded(text))
    if code is None:
        raise BadValue(
            "country_unknown",
            say("the country {quoted} is not known; write its two-letter code, like DE", quoted=quoted(text)),
        )
    return code


def priority(text: str) -> str:
    """normal, high or urgent. Raises BadValue priority_unknown."""
    found = _PRIORITIES.get(folded(text))
    if found is None:
        raise BadValue(
            "priority_unknown", say("the priority {quoted} is not one of normal, high, urgent", quoted=quoted(text))
        )
    return found


def proof(text: str) -> str:
    """none, photo, signature or pin. Raises BadValue proof_unknown."""
    found = _PROOFS.get(folded(text))
    if found is None:
        raise BadValue(
            "proof_unknown", say("the proof {quoted} is not one of none, photo, signature, pin", quoted=quoted(text))
        )
    return found


def confirmation(text: str) -> bool:
    """Whether the recipient is to confirm: yes or no. Raises BadValue confirmation_unknown."""
    found = _CONFIRMATIONS.get(folded(text))
    if found is None:
        raise BadValue(
            "confirmation_unknown", say("the confirmation {quoted} is neither yes nor no", quoted=quoted(text))
        )
    return found


def skills(text: str) -> tuple[str, ...]:
    """Tags in lower case with underscores, in the file's order, once each. Raises BadValue skills_invalid."""
    tags = dict.fromkeys(_NOT_SKILL.sub("_", part.strip().lower()).strip("_") for part in _BETWEEN_SKILLS.split(text))
    tags.pop("", None)
    if not tags:
        raise BadValue("skills_invalid", say("the skills {quoted} hold no word", quoted=quoted(text)))
    if len(tags) > _MOST_SKILLS:
        raise BadValue(
            "skills_invalid",
            say(
                "there are {count} skills; an order may need at most {most_skills}",
                count=len(tags),
                most_skills=_MOST_SKILLS,
            ),
        )
    for tag in tags:
        if len(tag) > _SKILL_CHARS:
            raise BadValue(
                "skills_invalid",
                say(
                    "the skill {quoted} is longer than {skill_chars} characters",
                    quoted=quoted(tag),
                    skill_chars=_SKILL_CHARS,
                ),
            )
    return tuple(tags)
