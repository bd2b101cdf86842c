"""Words by which near languages are told, for tests/tools/language_texts.

Catalogues of messages in near languages are often filled up from one another, so their texts stand under the wrong name.
Each table has the same words in each of its languages, a row for a word: how a word begins, or the whole of it with $
behind, or how it ends with * in front; "-" where the language has no word that the others would not have as well. The
rows are what grammars and dictionaries of the standard languages say parts them:

Croatian and Bosnian have ije and je where Serbian has e (vrijeme, vreme); Bosnian and Serbian have many words of Latin
and Greek origin (sistem, muzika), months (januar), consonants (hemija, opština) and verbs (definisati) that Croatian
has not (sustav, glazba, siječanj, kemija, definirati); Croatian has tko, točka, uvjet, Europa.
Malay and Indonesian took words over from English and from Dutch (universiti, universitas), spell Arabic ones in their
own ways (khamis, kamis), and differ in some that are frequent (kerana, karena).
Nynorsk has forms nearer to dialects (ikkje, eg, frå, kva) where Bokmål has the Danish ones (ikke, jeg, fra, hva).
"""
import collections
import re

HR_BS_SR = """
tko$ ko$ ko$|netko$ neko$ neko$|nitko$ niko$ niko$|svatko$ svako$ svako$|- šta$ šta$|također$ također$ takođe$|uopć uopć uopšt|opć opć opšt
tijekom$ tokom$ tokom$|gdje$ gdje$ gde$|negdje$ negdje$ negde$|ovdje$ ovdje$ ovde$|uvijek uvijek uvek|zauvijek zauvijek zauvek|prije$ prije$ pre$
poslije$ poslije$ posle$|lijepo$ lijepo$ lepo$|vrijeme$ vrijeme$ vreme$|mjest mjest mest|umjesto umjesto umesto|vrijednost vrijednost vrednost
sljedeć sljedeć sledeć|promjen promjen promen|izmjen izmjen izmen|primjen primjen primen|zamjen zamjen zamen|razmjen razmjen razmen|namjen namjen namen
riječ riječ reč|cijeli$ cijeli$ celi$|cijela$ cijela$ cela$|cijelo$ cijelo$ celo$|cijelu$ cijelu$ celu$|dio$ dio$ deo$|dijelov dijelov delov|uspješ uspješ uspeš|uspjeh uspjeh uspeh|rješen rješen rešen|rješav rješav rešav
riješi riješi reši|smjer smjer smer|primjer primjer primer|vidjet vidjet videt|htjet htjet htet|htio$ htio$ hteo$|odjelj odjelj odelj|mjesec mjesec mesec
ponedjelj ponedjelj ponedelj|zahtjev zahtjev zahtev|vijesti$ vijesti$ vesti$|čovjek čovjek čovek|djeca$ djeca$ deca$|djece$ djece$ dece$
dijete$ dijete$ dete$|mlijek mlijek mlek|snijeg snijeg sneg|cijena$ cijena$ cena$|cijene$ cijene$ cene$|mjera$ mjera$ mera$|mjere$ mjere$ mere$
posljed posljed posled|prijedlog prijedlog predlog|prijenos prijenos prenos|nasljed nasljed nasled|pjesm pjesm pesm|sjever sjever sever
zvijezd zvijezd zvezd|tijelo$ tijelo$ telo$|dvije$ dvije$ dve$|obje$ obje$ obe$|savjet savjet savet|svjetl svjetl svetl|svjetsk svjetsk svetsk
pobjed pobjed pobed|unaprijed unaprijed unapred|premješt premješt premešt|smješt smješt smešt|sjednic sjednic sednic
osjeć osjeć oseć|djelovanj djelovanj delovanj|njemačk njemačk nemačk|lijevo$ lijevo$ levo$|obavještenj obavještenj obaveštenj|izvještaj izvještaj izveštaj
- historij istorij|- vijek$ vek$|- hljeb hleb|- ljekar lekar|- sedmic -|- lahk -|- mehk -|- kahv -
točk tačk tačk|točn tačn tačn|netočn netačn netačn|uvjet uslov uslov|sustav sistem sistem|europ evrop evrop|tisuć hiljad hiljad|tjedan$ sedmica$ -
tjedn sedmic -|glazb muzik muzik|sveučilišt univerzitet univerzitet|sveučilišn univerzitetsk univerzitetsk|poslužitelj server server|računalo$ računar$ računar$
računal računar računar|tipkovnic tastatur tastatur|zaslon ekran ekran|sučelje$ interfejs$ interfejs$|sučelj interfejs interfejs|pisač štampač štampač
siječanj$ januar$ januar$|siječnj januar januar|veljač februar februar|ožujak$ mart$ mart$|ožujk mart mart|travanj$ april$ april$|travnja$ aprila$ aprila$
travnju$ aprilu$ aprilu$|svibanj$ maj$ maj$|svibnja$ maja$ maja$|svibnju$ maju$ maju$|lipnja$ juna$ juna$|lipnju$ junu$ junu$|srpnja$ jula$ jula$
srpnju$ julu$ julu$|kolovoz august avgust|rujan$ septembar$ septembar$|rujna$ septembra$ septembra$|rujnu$ septembru$ septembru$|listopad$ oktobar$ oktobar$
listopada$ oktobra$ oktobra$|listopadu$ oktobru$ oktobru$|studeni$ novembar$ novembar$|studenog novembr novembr|prosinac$ decembar$ decembar$
prosinc decembr decembr|vlak$ voz$ voz$|vlaka$ voza$ voza$|vlakov vozov vozov|kazališt pozorišt pozorišt|stoljeće$ vijek$ vek$|stoljeća$ vijeka$ veka$
stoljeću$ vijeku$ veku$|povijesn historijsk istorijsk|povijest historij istorij|znanost nauk nauk|znanstven naučn naučn|obitelj porodic porodic
odvjetnik advokat advokat|veleposlanik ambasador ambasador|veleposlanstv ambasad ambasad|poduzeć preduzeć preduzeć|sudjelov učestvov učestvov
sudionik učesnik učesnik|suradn saradn saradn|surađ sarađ sarađ|podrijetl porijekl porekl|priopćenj saopćenj saopštenj|proračun budžet budžet
promatra posmatra posmatra|suglas saglas saglas|osobno$ lično$ lično$|osobn ličn ličn|kruh hljeb hleb|kemij hemij hemij|kirurg hirurg hirurg|kaos haos haos
tvornic fabrik fabrik|nogomet fudbal fudbal|skladatelj kompozitor kompozitor|gledatelji$ gledaoci$ gledaoci$|čitatelji$ čitaoci$ čitaoci$
čitatelj čitalac čitalac|nositelj nosilac nosilac|milijun milion milion|španjolsk špansk špansk|talijan italijan italijan|rumunj rumun rumun|cipar kipar kipar
švicar švicar švajcar|demokracij demokratij demokratij|financij finansij finansij|financ finans finans|stupanj$ stepen$ stepen$|stupnj stepen stepen
razina$ nivo$ nivo$|razine$ nivoa$ nivoa$|razinu$ nivo$ nivo$|razini$ nivou$ nivou$|utjecaj uticaj uticaj|utječ utič utič|utjeca utica utica
vjerojatn vjerovatn verovatn|djelomič djelimič delimič|kut$ ugao$ ugao$|kuta$ ugla$ ugla$|pravokutnik pravougaonik pravougaonik|trokut trougao trougao
natjecanj takmičenj takmičenj|natjec takmič takmič|liječni ljekar lekar|otoka$ ostrva$ ostrva$|otoku$ ostrvu$ ostrvu$|ovisi$ zavisi$ zavisi$|ovisn zavisn zavisn
neovisn nezavisn nezavisn|definiran definisan definisan|definirat definisat definisat|organizira organizova organizova|kontrolira kontrolisa kontrolisa
reagira reagova reagova|informira informisa informisa|registrira registrova registrova|identificira identifikova identifikova|generiran generisan generisan
kritizira kritikova kritikova|generirat generisat generisat|formuliran formulisan formulisan|izvješć izvještaj izveštaj|obavijest obavještenj obaveštenj
stoljeć - -|rabi$ - -|rabe$ - -|uporab - -|izbornik - -|poveznic - -|glede$ - -|nazočn - -|prosvjed - -|udrug - -|pozornost - -|izravn - -|razdoblj - -
istodobn - -|posebice$ - -|prigod - -|pričuv - -|promidžb - -|kolodvor - -|proizvoditelj - -|inačic - -
- - bezbedn|- - pregledač|- - fascikl|- - direktorijum|- - *ijum$|- - spoljn|- - spoljaš|- - vazduh|- - sopstven|- - kancelarij
"""
ID_MS = """
karena$ kerana$|uang$ wang$|bisa$ -|perusahaan syarikat|- polis$|*itas$ *iti$|silakan sila$|bahwa bahawa|coba cuba|mencoba mencuba|saja$ sahaja$|- baharu
senin$ isnin$|kamis$ khamis$|jumat$ jumaat$|- ahad$|maret$ mac$|agustus ogos|desember disember|juni$ jun$|juli$ julai$|kantor -|nomor nombor|informasi maklumat
sandi$ -|- laluan$|situs laman|surel emel|perangkat peranti|kesalahan ralat|galat ralat|berbeda berbeza|perbedaan perbezaan|beda$ beza$|butuh -|membutuhkan -
televisi$ televisyen|inggris inggeris|jepang jepun|prancis perancis|serikat$ -|siswa$ -|mahasiswa -|dosen -|resmi rasmi|jadwal jadual|telepon telefon
rekan rakan|kecelakaan kemalangan|bandara -|rupiah -|- ringgit|pabrik kilang|listrik elektrik|toko$ kedai$|sepeda basikal|gratis percuma|rapat$ mesyuarat
gubernur gabenor|kabupaten -|provinsi -|kesehatan kesihatan|sehat$ sihat$|obat$ ubat$|dokter doktor|besok$ esok$|kemarin -|yaitu iaitu|yakni iaitu|mantan$ -
usai$ -|ujar -|tewas -|jendela tetingkap|tombol butang|- tetikus|layar skrin|- kekunci|- cakera|- senarai|- padam|opsi -|standar$ piawai|antarmuka -|unduh -
mengunduh -|berkas fail|peramban pelayar|pengaturan tetapan|- ialah$|nggak$ -|tapi$ -|- lelaki|penerbangan -|rumit -|sebagian sebahagian|bagian bahagian
bagaimanapun -|kelola -|mengelola mengurus|berita -|akun akaun|kategori kategori|kecuali kecuali|karakter aksara|- pautan|tautan pautan|rilis -|khawatir -
kualitas kualiti|aktif$ aktif$|tanggal tarikh|- saiz|ukur -|bawaan lalai|benda -|menit minit|musim -|mesin enjin|pindai imbas|ponsel -|sistem sistem
"""
NB_NN = """
ikke$ ikkje$|jeg$ eg$|hva$ kva$|hvem$ kven$|hvor$ -|- kvar$|- kor$|hvordan$ korleis$|hvorfor$ kvifor$|hvis$ viss$|fra$ frå$|en$ ein$|et$ eit$|noen$ nokon$
noe$ noko$|mye$ mykje$|mer$ meir$|være$ vere$|bare$ berre$|de$ dei$|hun$ ho$|dere$ dykk$|ble$ vart$|kommer$ kjem$|gjøre gjere|gjør$ gjer$|sier$ seier$
selv$ sjølv$|skole skule|uten$ utan$|vet$ veit$|sammen saman|samme$ same$|hele$ heile$|helt$ heilt$|hjem$ heim$|åpne opne|navn namn|bruker brukar
velg$ vel$|annen$ annan$|nå$ no$|da$ då$|kjøre køyre|kjør$ køyr$|spill spel|fikk$ fekk$|gikk$ gjekk$|tror$ trur$|mulig mogleg|umulig umogleg|derfor$ difor$
egen$ eigen$|egne$ eigne$|eget$ eige$|uke$ veke$|måned månad|flere$ fleire$|gammel$ gammal$|høy høg|norge noreg|begynne byrje|forskjellig ulik
"""


WORD = re.compile(r"[^\W\d_]+")


class Table:
    """One table; columns holds the languages that have each beginning, ending or word."""

    def __init__(self, names, text):
        self.rows = [dict(zip(names, row.split())) for row in re.split(r"[|\n]", text.strip())]
        self.columns = {}
        for row in self.rows:
            for name, entry in row.items():
                self.columns.setdefault(entry, set()).add(name)
        self.columns.pop("-", None)
        self.names = set(names)
        self.endings = [entry for entry in self.columns if entry[0] == "*"]
        self.found = {}

    def find(self, word):
        """The entry that a word goes by: the word itself, else the longest beginning, else an ending; else None."""
        word = word.lower()
        if word not in self.found:
            entries = [word + "$"] + [word[:size] for size in range(len(word), 1, -1)]
            entries += [entry for entry in self.endings if word.endswith(entry[1:-1]) and len(word) > len(entry)]
            self.found[word] = next((entry for entry in entries if entry in self.columns), None)
        return self.found[word]

    def score(self, language, line):
        """How many of a line's words speak for the language rather than another, and how many against it."""
        own = other = 0
        for word in WORD.findall(line):
            columns = self.columns.get(self.find(word), self.names)
            own += language in columns and columns != self.names
            other += language not in columns
        return own, other

    def turn(self, line, source, target):
        """The line with the words of one language in place of another's."""
        new = {row[source]: row[target].strip("$") for row in self.rows if "-" not in (row[source], row[target]) and row[source][0] != "*"}

        def replace(match):
            entry = self.find(match[0])
            if entry not in new:
                return match[0]
            word = new[entry] + match[0][len(entry.strip("$")) :]
            return word.capitalize() if match[0][0].isupper() else word

        return WORD.sub(replace, line)


TABLES = [Table("hr bs sr".split(), HR_BS_SR), Table("id ms".split(), ID_MS), Table("nb nn".split(), NB_NN)]
LANGUAGES = [name for table in TABLES for name in sorted(table.names)]


def is_foreign(language, line):
    """True of a line that speaks for a near language more than for its own."""
    own, other = next(table for table in TABLES if language in table.names).score(language, line)
    return other > own


# ---- Bosnian ----

def bosnian_of_croatian(lines):
    return [new for line in lines for new in [TABLES[0].turn(line, "hr", "bs")] if new != line]


def jat(western, eastern):
    """
    Serbian words with e, eo for which texts with ije, je, io have a word (vreme: vrijeme, deo: dio): a dictionary. Each
    of the two is the commoner in its own texts by far.
    """
    west, east = (collections.Counter(word for line in lines for word in WORD.findall(line.lower())) for lines in (western, eastern))
    pairs = {}
    for word in east:
        forms = {word[:at] + new + word[at + 1 :] for at, letter in enumerate(word) if letter == "e" for new in ("ije", "je", "i")}
        best = max(sorted(forms), key=lambda form: west[form], default=word)
        if west[best] > 3 * west[word] and east[word] > 3 * east[best]:
            pairs[word] = best
    return pairs


def bosnian_of_serbian(lines, pairs):
    """Lines of Serbian in Latin script, turned; those in which nothing changes teach nothing."""

    def replace(match):
        new = pairs.get(match[0].lower())
        return match[0] if not new else new.capitalize() if match[0][0].isupper() else new

    result = []
    for line in lines:
        turned = TABLES[0].turn(WORD.sub(replace, line), "sr", "bs")
        if turned != line and TABLES[0].score("bs", turned)[1] == 0:
            result.append(turned)
    return result
