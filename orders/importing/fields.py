"""The fields an order file may carry, what they are called in six languages, and which are needed.

A synonym is compared after `folded`: lower case, accents and punctuation gone. English, Dutch, German, French,
Spanish, Turkish; one string per field, synonyms separated by commas.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata

from core.words import mark

_NOT_WORD = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A field by name; `label` is what a sentence calls it ("the house number").

    `synonyms` are folded words with their rank: 0 is the most usual.
    """

    name: str
    label: str
    synonyms: dict[str, int]


def folded(header: str) -> str:
    """A header as it is compared: lower case, words apart, without accents, dots and underscores."""
    parts = _CAMEL.sub(" ", header).replace("ı", "i").replace("İ", "I").casefold()
    plain = "".join(c for c in unicodedata.normalize("NFKD", parts) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", plain.replace("ø", "o").replace("æ", "ae").replace("ł", "l")).strip()


def _field(name: str, label: str, synonyms: str) -> Field:
    words = dict.fromkeys(folded(word) for word in synonyms.split(","))
    return Field(name, label, {word: rank for rank, word in enumerate(words)})


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        _field(
            "reference",
            mark("reference"),
            "ref, order no, order number, order nr, order id, order, order ref, order reference, orderno, orderid, "
            "order code, external id, external reference, shipment, shipment id, shipment number, consignment, "
            "consignment number, tracking number, id, your reference, customer reference, bestelnummer, ordernummer, "
            "order nummer, bestelling, referentie, kenmerk, zendingnummer, auftragsnummer, auftrags nr, auftrag, "
            "auftragsnr, bestellnummer, bestell nr, bestellung, referenz, sendungsnummer, lieferscheinnummer, "
            "lieferschein, belegnummer, reference commande, numero de commande, n commande, no commande, commande, "
            "numero commande, numero de pedido, pedido, n pedido, no pedido, referencia, referencia pedido, "
            "albaran, siparis no, siparis numarasi, siparis, siparis kodu, referans, referans no, gonderi no, takip no",
        ),
        _field(
            "merchant",
            mark("merchant"),
            "shop, store, seller, sender, vendor, shipper, account, webshop, winkel, verkoper, afzender, "
            "opdrachtgever, haendler, verkaufer, verkaeufer, absender, auftraggeber, mandant, marchand, "
            "vendeur, expediteur, magasin, boutique, donneur d ordre, comerciante, tienda, vendedor, remitente, "
            "magaza, satici, gonderen, gonderici, isyeri",
        ),
        _field(
            "recipient_name",
            mark("recipient's name"),
            "recipient, customer, customer name, name, full name, consignee, contact, contact name, receiver, "
            "receiver name, delivery name, ship to, ship to name, deliver to, client, company, attention, naam, klant, "
            "klantnaam, ontvanger, naam ontvanger, geadresseerde, contactpersoon, kunde, kundenname, empfanger, "
            "empfaenger, empfangername, name des empfangers, ansprechpartner, firma, lieferempfanger, nom, "
            "destinataire, nom du destinataire, nom du client, nom client, nom complet, nombre, destinatario, cliente, "
            "nombre del cliente, nombre cliente, nombre completo, nombre y apellidos, ad, adi, isim, ad soyad, "
            "adi soyadi, alici, alici adi, musteri, musteri adi, alici ad soyad",
        ),
        _field(
            "recipient_phone",
            mark("phone number"),
            "phone, telephone, phone number, telephone number, mobile, mobile phone, mobile number, cell, cell phone, "
            "tel, tel no, contact number, customer phone, telefoon, telefoonnummer, mobiel, mobiele nummer, gsm, "
            "telefon, telefonnummer, tel nr, handy, handynummer, mobil, mobiltelefon, rufnummer, portable, "
            "numero de telephone, telephone portable, tel portable, telefono, movil, telefono movil, "
            "numero de telefono, celular, "
            "telefon no, telefon numarasi, cep, cep telefonu, cep no, alici telefonu",
        ),
        _field(
            "recipient_email",
            mark("e-mail address"),
            "email, e mail, mail, email address, e mail address, customer email, e mailadres, emailadres, mailadres, "
            "e mail adresse, email adresse, emailadresse, mailadresse, courriel, adresse e mail, adresse email, "
            "adresse mail, adresse electronique, correo, correo electronico, e posta, eposta, e posta adresi, "
            "eposta adresi",
        ),
        _field(
            "street",
            mark("street"),
            "street name, road, street address, address 1, address1, address line 1, addressline1, delivery street, "
            "straat, straatnaam, strasse, str, strassenname, strase, rue, voie, nom de rue, nom de la rue, calle, via, "
            "nombre de la calle, sokak, cadde, sokak adi, cadde sokak, yol",
        ),
        _field(
            "house_number",
            mark("house number"),
            "house no, house nr, housenumber, houseno, house, building number, building no, street number, street no, "
            "huisnummer, huisnr, huis nummer, hausnummer, hausnr, haus nr, haus nummer, hnr, numero de rue, "
            "numero de voie, numero rue, n rue, numero de calle, numero de casa, num calle, bina no, "
            "kapi no, kapi numarasi, ev no, bina numarasi, dis kapi no",
        ),
        _field(
            "address",
            mark("address"),
            "full address, delivery address, shipping address, destination, destination address, drop off address, "
            "location address, one line address, volledig adres, afleveradres, bezorgadres, leveradres, anschrift, "
            "lieferadresse, lieferanschrift, zustelladresse, vollstandige adresse, adresse complete, "
            "adresse de livraison, adresse livraison, direccion completa, direccion de entrega, domicilio, "
            "acik adres, teslimat adresi, tam adres",
        ),
        _field(
            "postcode",
            mark("postcode"),
            "post code, postal code, postalcode, zip, zip code, zipcode, postal, pc, plz, postleitzahl, "
            "code postal, cp, codigo postal, cod postal, posta kodu, postakodu, pk",
        ),
        _field(
            "city",
            mark("city"),
            "town, place, locality, municipality, city name, town city, village, plaats, stad, woonplaats, gemeente, "
            "plaatsnaam, stadt, ort, ortschaft, gemeinde, wohnort, ville, commune, localite, ciudad, poblacion, "
            "localidad, municipio, sehir, il, ilce, kent, il ilce",
        ),
        _field(
            "country",
            mark("country"),
            "country code, countrycode, nation, land, landcode, landkod, landercode, landerkennzeichen, lkz, staat, "
            "pays, code pays, pais, codigo pais, codigo de pais, ulke, ulke kodu",
        ),
        _field(
            "lat",
            mark("latitude"),
            "latitude, breedtegraad, breitengrad, breite, latitud, enlem, y coordinate, geo lat",
        ),
        _field(
            "lon",
            mark("longitude"),
            "longitude, lng, long, lengtegraad, langengrad, laengengrad, longitud, boylam, x coordinate, geo lon, "
            "geo lng",
        ),
        _field(
            "window_start",
            mark("window's start"),
            "from, time from, start, start time, earliest, time window start, window from, delivery from, not before, "
            "after, ready time, tw start, deliver after, open, van, vanaf, tijd van, begintijd, starttijd, "
            "tijdvak van, "
            "von, ab, zeit von, uhrzeit von, fruhestens, zeitfenster von, zeitfenster start, beginn, lieferung ab, de, "
            "des, a partir de, heure debut, heure de debut, debut, creneau debut, desde, hora desde, hora inicio, "
            "hora de inicio, inicio, baslangic, baslangic saati, en erken, saat baslangic",
        ),
        _field(
            "window_end",
            mark("window's end"),
            "until, to, till, time to, time until, end, end time, latest, time window end, window to, window until, "
            "delivery until, not after, before, due, due time, tw end, deliver before, deadline, close, tot, tot en "
            "met, tijd tot, eindtijd, tijdvak tot, bis, zeit bis, uhrzeit bis, spatestens, zeitfenster bis, "
            "zeitfenster ende, ende, lieferung bis, a, jusqu a, jusqua, heure fin, heure de fin, fin, creneau fin, "
            "hasta, hora hasta, hora fin, hora de fin, bitis, bitis saati, en gec, saat bitis",
        ),
        _field(
            "delivery_on",
            mark("delivery date"),
            "date, delivery date, delivery day, day, ship date, requested date, planned date, datum, leverdatum, "
            "bezorgdatum, afleverdatum, lieferdatum, liefertag, tag, zustelldatum, wunschtermin, date de livraison, "
            "date livraison, jour, fecha, fecha de entrega, fecha entrega, dia, tarih, teslimat tarihi, teslim tarihi, "
            "gun",
        ),
        _field(
            "service_minutes",
            mark("service time"),
            "service time, service, service min, service time min, minutes, duration, duration min, stop time, "
            "unloading time, handling time, dwell, stoptijd, lostijd, servicetijd, duur, minuten, servicezeit, "
            "standzeit, entladezeit, aufenthalt, dauer, temps de service, duree, temps d arret, minutos, "
            "tiempo de servicio, duracion, tiempo de descarga, servis suresi, sure, hizmet suresi, dakika",
        ),
        _field(
            "weight_kg",
            mark("weight"),
            "weight, weight in kg, kg, gross weight, total weight, kilos, gewicht, gewicht kg, gewicht in kg, "
            "bruttogewicht, poids, poids kg, poids en kg, peso, peso kg, peso en kg, agirlik, agirlik kg, kilo",
        ),
        _field(
            "volume_l",
            mark("volume"),
            "volume, volume in l, volume litres, volume liters, litres, liters, liter, l, inhoud, volume liter, "
            "volumen, volumen l, volumen liter, rauminhalt, volume en litres, litros, volumen en litros, hacim, "
            "hacim l, hacim litre, litre",
        ),
        _field(
            "pieces",
            mark("number of pieces"),
            "piece, parcels, packages, colli, boxes, quantity, qty, items, units, number of parcels, "
            "number of packages, number of pieces, stuks, aantal, dozen, pakketten, aantal colli, stuck, stueck, "
            "stuckzahl, anzahl, pakete, packstucke, kartons, menge, colis, nombre de colis, quantite, nb colis, "
            "bultos, piezas, paquetes, cantidad, numero de bultos, adet, parca, koli, paket, paket sayisi, "
            "koli sayisi, miktar",
        ),
        _field(
            "pallets",
            mark("number of pallets"),
            "pallet, number of pallets, pallet places, aantal pallets, palletplaatsen, paletten, palette, anzahl "
            "paletten, stellplatze, palettes, nombre de palettes, pales, palets, numero de palets, palet, palet sayisi",
        ),
        _field(
            "priority",
            mark("priority"),
            "urgency, prio, prioriteit, spoed, urgentie, prioritat, prioritaet, dringlichkeit, priorite, urgence, "
            "prioridad, urgencia, oncelik, aciliyet",
        ),
        _field(
            "skills",
            mark("skills"),
            "skill, requirements, required skills, vehicle requirements, tags, vaardigheden, eisen, "
            "fahigkeiten, anforderungen, merkmale, competences, exigences, habilidades, requisitos, etiquetas, "
            "yetenekler, beceriler, gereksinimler, nitelikler",
        ),
        _field(
            "delivery_instructions",
            mark("instructions"),
            "instructions, instruction, notes, note, comment, comments, remarks, remark, delivery notes, "
            "delivery note, "
            "special instructions, driver notes, message, opmerking, opmerkingen, instructies, notitie, "
            "bezorginstructies, bemerkung, bemerkungen, hinweis, hinweise, lieferhinweis, lieferhinweise, notiz, "
            "anmerkung, anweisungen, consignes, remarque, remarques, commentaire, commentaires, "
            "instructions de livraison, observaciones, notas, nota, comentarios, comentario, instrucciones, "
            "instrucciones de entrega, indicaciones, not, notlar, aciklama, teslimat notu, talimat, talimatlar",
        ),
        _field(
            "proof_required",
            mark("proof"),
            "proof, proof of delivery, pod, proof type, bewijs, afleverbewijs, nachweis, zustellnachweis, "
            "liefernachweis, ablieferbeleg, preuve, preuve de livraison, prueba, prueba de entrega, comprobante, "
            "kanit, teslimat kaniti, teslim kaniti",
        ),
        _field(
            # A bare "confirmation" is left out: in files of shops it is the number of an order's confirmation.
            "confirmation_required",
            mark("confirmation"),
            "confirm, needs confirmation, confirmation needed, must confirm, ask to confirm, recipient confirms, "
            "bevestigen, bevestiging nodig, bevestiging vereist, bestatigen, bestatigung notig, "
            "bestatigung erforderlich, rueckbestatigung, a confirmer, confirmation requise, confirmation necessaire, "
            "confirmar, requiere confirmacion, confirmacion requerida, onay gerekli, teyit gerekli, onaylansin",
        ),
    )
}

# What stands in every language for either a street (with a house number beside it) or a whole address.
ADDRESS_WORDS = frozenset({"address", "adres", "adresse", "direccion", "address line", "customer address", "indirizzo"})
# A bare "No." is a house number right after a street, else a reference.
NUMBER_WORDS = frozenset({"no", "nr", "num", "number", "nummer", "n", "numero", "numara", "nro", "hn", "n o"})
# Written by the list of failed rows; never taken for a field when that file comes back.
OWN_COLUMNS = frozenset({"import line", "import reason"})
