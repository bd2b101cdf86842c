/*
 * What templates show of their arguments, by name, over many language editions: those that carry prose, numbers, dates
 * and quotations. What any other template would show is not known, so it is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "text/wikitext_shown.h"

#define FIRST "<1>"
#define SECOND "<2/text/texte/текст>"
#define QUOTATION \
    "\n<text/quote/1/texte/zitat/content/цитата/cita/citat/tekst>[\n— <author/2/auteur/autor/автор/person/källa/source>]\n"
/* A work: its title, who wrote it, where it came out, when. */
#define CITED \
    "<title/titre/titel/título/titulo/titolo/заглавие/название/назва/tytuł/titul/tittel/nimeke/tên/başlık/عنوان/제목>" \
    "[, <first/first1/prénom/prénom1/vorname/förnamn/fornavn/nombre/nome/имя/imię>]" \
    "[ <last/last1/nom/nom1/nachname/efternamn/etternavn/apellido/apellidos/cognome/sobrenome/nazwisko>]" \
    "[, <author/author1/authors/auteur/auteur1/autor/författare/forfatter/autore/автор/автор1/tekijä/tác giả/yazar/" \
    "مؤلف/저자>]" \
    "[, <journal/work/newspaper/magazine/website/périodique/site/sammelwerk/werk/tidskrift/tidning/publicación/rivista/" \
    "jornal/журнал/издание/czasopismo/lehti>]" \
    "[, <publisher/éditeur/verlag/uitgever/förlag/utgivare/editorial/editore/editora/издательство/видавництво/wydawca/" \
    "nhà xuất bản/yayıncı/ناشر/출판사/kustantaja/forlag>]" \
    "[, <year/date/année/jahr/datum/jaar/år/fecha/año/anno/data/ano/год/рік/rok/năm/tarih/سنة/연도/날짜/vuosi>]"

const struct wiki_shown WIKI_SHOWN[] = {
    {"!", "|"}, {"!xt", FIRST}, {"\"", "« <1> »"}, {"\" '", "\" '"}, {"\"'", "\"'"}, {"$", "$<1>"}, {"%", "<1> %"},
    {"'", "'"}, {"' \"", "' \""}, {"'\"", "'\""}, {"'s", "'s"}, {"*", "•"}, {"+-", "±"}, {"-\"", "\""}, {"--", "——"},
    {"-s", "<1><2/=e> siècle av. J.-C."}, {"-s-", "<1><2/=e> av. J.-C."}, {"1er", "1er"}, {"=", "="},
    {"@", "@<*, @>"}, {"\\", " / "}, {"`", "ʻ"}, {"a$", "A$<1>"}, {"a. c.", "[<1> ]a. C."}, {"a.c.", "[<1> ]a. C."},
    {"abbr", FIRST}, {"abbrlink", FIRST}, {"abr", FIRST}, {"abrd", FIRST}, {"abréviation", FIRST},
    {"ac", "[<1> ]a. C."}, {"ad", "AD <1>"}, {"alıntı", QUOTATION}, {"angbr", "⟨<1>⟩"}, {"angbr ipa", "⟨<1>⟩"},
    {"angle", FIRST}, {"ansvar", "@<*, @>"}, {"antwort", "@<*, @>"}, {"ap jc", "[<1> ]apr. J.-C."},
    {"apjc", "[<1> ]apr. J.-C."}, {"approx", "c.[ <1>][–<2>]"}, {"apr jc", "[<1> ]apr. J.-C."},
    {"apr. j.-c.", "[<1> ]apr. J.-C."}, {"arf", "<1>"}, {"article", CITED}, {"arxiv", "arXiv:<1>"},
    {"as of", "As of[ <1>][-<2>][-<3>]"}, {"as written", FIRST}, {"asin", "ASIN <1>"},
    {"asof", "As of[ <1>][-<2>][-<3>]"}, {"aud", "A$<1>"}, {"audio", SECOND}, {"av jc", "[<1> ]av. J.-C."},
    {"av. j.-c", "av. J.-C."}, {"av. j.-c.", "[<1> ]av. J.-C."}, {"avjc", "[<1> ]av. J.-C."}, {"b", FIRST},
    {"b.", "born <1>"}, {"bc", "[<1> ]BC"}, {"bce", "[<1> ]BCE"}, {"bd", "（<1><2>－<3><4>）"},
    {"bda", "<1>[-<2>][-<3>]"}, {"bdi", FIRST}, {"bdo", FIRST}, {"bibleref", "<1> <2>"}, {"bibleref2", "<1> <2>"},
    {"bibleverse", "[<1> ]<2> <3>"}, {"bibleverse-nb", "[<1> ]<2> <3>"}, {"big", FIRST},
    {"birth date", "<1>[-<2>][-<3>]"}, {"birth date and age", "<1>[-<2>][-<3>]"}, {"birth year", "<1>[-<2>][-<3>]"},
    {"birth-date", "<1>[-<2>][-<3>]"}, {"birth-date and age", "<1>[-<2>][-<3>]"}, {"bloc citation", QUOTATION},
    {"block quote", QUOTATION}, {"blockcitat", QUOTATION}, {"blockquote", QUOTATION}, {"bokref", CITED},
    {"bold", FIRST}, {"born in", "born <1>"}, {"born-date", "<1>[-<2>][-<3>]"}, {"bquote", QUOTATION},
    {"bruch", "=fraction"}, {"bull", " • "}, {"c$", "C$<1>"}, {"c.", "c.[ <1>][–<2>]"}, {"ca.", "c.[ <1>][–<2>]"},
    {"cad", "C$<1>"}, {"cad$", "C$<1>"}, {"carece de fontes", FIRST}, {"ce", "[<1> ]CE"}, {"center", FIRST},
    {"centre", FIRST}, {"chap.", "chap. <1>"}, {"chapitre", CITED}, {"check", "✓"}, {"chem", "<*>"},
    {"chem/link", "<*>"}, {"chem2", "<*>"}, {"chiarire", FIRST}, {"chinois", "<1>[ (<2>, <3>)]"},
    {"chú thích sách", CITED}, {"chú thích web", CITED}, {"circa", "c.[ <1>][–<2>]"}, {"cita", FIRST},
    {"cita bloque", QUOTATION}, {"cita destacada", QUOTATION}, {"cita libro", CITED}, {"cita news", CITED},
    {"cita noticia", CITED}, {"cita pubblicazione", CITED}, {"cita publicación", CITED}, {"cita requerida", FIRST},
    {"cita testo", CITED}, {"cita web", CITED}, {"citaat", QUOTATION}, {"citace elektronické monografie", CITED},
    {"citace monografie", CITED}, {"citace periodika", CITED}, {"citar jornal", CITED}, {"citar livro", CITED},
    {"citar notícia", CITED}, {"citar periódico", CITED}, {"citar web", CITED}, {"citat", QUOTATION},
    {"citation", "[« <1> »]" CITED}, {"citation bloc", QUOTATION}, {"citation italique", "« <1> »"},
    {"citation langue", SECOND}, {"citation needed span", FIRST}, {"citation étrangère", SECOND},
    {"citation2", CITED}, {"citatutdrag", QUOTATION}, {"citazione", QUOTATION}, {"citação", QUOTATION},
    {"citação2", QUOTATION}, {"cite album notes", CITED}, {"cite arxiv", CITED}, {"cite av media", CITED},
    {"cite av media notes", CITED}, {"cite bok", CITED}, {"cite book", CITED}, {"cite conference", CITED},
    {"cite court", CITED}, {"cite document", CITED}, {"cite dvd-notes", CITED}, {"cite encyclopedia", CITED},
    {"cite episode", CITED}, {"cite interview", CITED}, {"cite journal", CITED}, {"cite magazine", CITED},
    {"cite map", CITED}, {"cite music", CITED}, {"cite news", CITED}, {"cite newspaper", CITED},
    {"cite paper", CITED}, {"cite patent", CITED}, {"cite podcast", CITED}, {"cite press release", CITED},
    {"cite report", CITED}, {"cite speech", CITED}, {"cite techreport", CITED}, {"cite thesis", CITED},
    {"cite video", CITED}, {"cite web", CITED}, {"cite wikisource", CITED}, {"citeer boek", CITED},
    {"citeer journal", CITED}, {"citeer nieuws", CITED}, {"citeer web", CITED}, {"citeisbn", "ISBN <*, ISBN >"},
    {"citácia", QUOTATION}, {"citát", QUOTATION}, {"cjk new char", FIRST}, {"clarify span", FIRST}, {"cns", FIRST},
    {"cny", "¥<1>"}, {"code", FIRST}, {"colist", "\n<content/2/1>\n"}, {"color", SECOND}, {"colored text", SECOND},
    {"colour", SECOND}, {"column list", "\n<content/2/1>\n"}, {"columns list", "\n<content/2/1>\n"},
    {"columns-list", "\n<content/2/1>\n"}, {"columnslist", "\n<content/2/1>\n"}, {"comment", FIRST},
    {"convert", "=convert"}, {"converter", "=convert"}, {"converti", "=convert"}, {"convertir", "=convert"},
    {"convertnum", "=convert"}, {"coor", "=coordinates"}, {"coord", "=coordinates"}, {"coréen", "<1>[ (<2>, <3>)]"},
    {"couleur", SECOND}, {"cquote", QUOTATION}, {"crossreference", FIRST}, {"cslist", "<*, >"}, {"cvt", "=convert"},
    {"cytat", QUOTATION}, {"cytuj", CITED}, {"cytuj książkę", CITED}, {"cytuj pismo", CITED}, {"cytuj stronę", CITED},
    {"d.", "died <1>"}, {"d. c.", "[<1> ]d. C."}, {"d.c.", "[<1> ]d. C."}, {"dash", " – "},
    {"data", "<1>[/<2>][/<3>]"}, {"date", "<1>[ <2>][ <3>]"}, {"date de décès", "<1>[ <2>][ <3>]"},
    {"date de décès-", "<1>[ <2>][ <3>]"}, {"date de naissance", "<1>[ <2>][ <3>]"},
    {"date de naissance-", "<1>[ <2>][ <3>]"}, {"date républicaine", "<1>[ <2>][ <3>]"}, {"date-", "<1>[ <2>][ <3>]"},
    {"datum", "<1>[/<2>][/<3>]"}, {"datumzelle", "<1>[/<2>][/<3>]"}, {"dc", "[<1> ]d. C."}, {"dd", "\n<1/defn>\n"},
    {"death date", "<1>[-<2>][-<3>]"}, {"death date and age", "<1>[-<2>][-<3>]"}, {"death year", "<1>[-<2>][-<3>]"},
    {"death-date", "<1>[-<2>][-<3>]"}, {"defn", "\n<1/defn>\n"}, {"deg", "°"}, {"des", "<1>"}, {"deutsch", "<1>"},
    {"dfn", FIRST}, {"dia", "<1>[/<2>][/<3>]"}, {"died in", "died <1>"}, {"dir.", "dir."}, {"div col item", "<1>\n"},
    {"div col list", "\n<content/2/1>\n"}, {"dni", "<1>[/<2>][/<3>]"}, {"dob", "<1>[-<2>][-<3>]"}, {"doi", "doi:<1>"},
    {"dollar", "$<1>"}, {"dot", " · "}, {"dr", "Dr"}, {"dt", "\n<1>\n"}, {"dtlink", "<1>[/<2>][/<3>]"},
    {"dts", FIRST}, {"dtsh", FIRST}, {"duration2", "<1>:<2>"}, {"e", "×10^<1>"}, {"eenheid", "<1>[ <2/u>]"},
    {"einheit", "<1>[ <2/u>]"}, {"em", FIRST}, {"em dash", "—"}, {"en dash", "–"}, {"en langue", SECOND},
    {"end date", FIRST}, {"english", "<1>"}, {"enhet", "<1>[ <2/u>]"}, {"enlace interlingüístico", FIRST},
    {"enlink", " (<1>)"}, {"ens", "<1>"}, {"enum", "<*, >"}, {"eqm", "⇌"}, {"esd", FIRST}, {"esp", "×10^<1>"},
    {"esp.", " "}, {"ess", "<1>"}, {"etc.", "etc."}, {"eur", "€<1>"}, {"euro", "<1> €"}, {"exp", "^<1>"},
    {"exposant", "^<1>"}, {"farbe", SECOND}, {"fchim", "<*>"}, {"fecha", "<1>[/<2>][/<3>]"}, {"fett", FIRST},
    {"film date", "<1>[-<2>][-<3>]"}, {"fl.", "fl.[ <1>][–<2>]"}, {"flag", FIRST}, {"flagcountry", FIRST},
    {"flaglist", FIRST}, {"flagu", FIRST}, {"flatlist", FIRST}, {"floruit", "fl.[ <1>][–<2>]"}, {"fmtn", "<1>[ <2>]"},
    {"font", FIRST}, {"font color", SECOND}, {"fontcolor", SECOND},
    {"football squad player", "\n* <no>. <name>[, <pos>]"}, {"format price", FIRST}, {"formatnum", FIRST},
    {"formatnum:", FIRST}, {"formule chimique", "<*>"}, {"frac", "=fraction"}, {"fraction", "=fraction"},
    {"frs", "<1>"}, {"fs player", "\n* <no>. <name>[, <pos>]"}, {"gap", " "}, {"gaps", "<*>"}, {"gbp", "£<1>"},
    {"ghat", "\n<1/defn>\n"}, {"grandeur", "<1>[ <2/u>]"}, {"guil", "« <1> »"}, {"guillemets", "« <1> »"},
    {"haber kaynağı", CITED}, {"harv", "(<*, >)"}, {"harvard citation text", "<*, >"}, {"harvcoltxt", "<*, >"},
    {"harvnb", "<*, >"}, {"harvp", "<*, >"}, {"harvtxt", "<*, >"}, {"hebrew", FIRST}, {"heure", "<1> h[ <2>]"},
    {"hk$", "HK$<1>"}, {"hkd", "HK$<1>"}, {"hlist", "<*, >"}, {"hmas", "HMAS <1>"}, {"hmcs", "HMCS <1>"},
    {"hms", "HMS <1>"}, {"hmsclass", "<1> <2>"}, {"hover title", FIRST}, {"hs", SECOND}, {"höhe", "<1> m"},
    {"i", FIRST}, {"iast", FIRST}, {"idézet", QUOTATION}, {"ier", "Ier"}, {"ilh", "<3/2>"}, {"ill", FIRST},
    {"illm", FIRST}, {"incise", "– <1>"}, {"ind", "<1>"}, {"indian rupee", "₹<1>"}, {"indice", "<1>"},
    {"inlineabbr", FIRST}, {"inr", "₹<1>"}, {"interlanguage link", FIRST}, {"internal link helper", "<2/1>"},
    {"internetquelle", CITED}, {"ire", "Ire"}, {"isbn", "ISBN <*, ISBN >"}, {"isbn-10", FIRST},
    {"isbnt", "ISBN <*, ISBN >"}, {"issn", "ISSN <1>"}, {"italic", FIRST}, {"italics", FIRST}, {"its", "<1>"},
    {"iw", FIRST}, {"japonais", "<1>[ (<2>, <3>)]"}, {"jednostka", "<1>[ <2/u>]"}, {"jis2004フォント", FIRST},
    {"jis90フォント", FIRST}, {"jma", "<1>[ <2>][ <3>]"}, {"jpw", "<1>[ (<2>, <3>)]"}, {"jpy", "¥<1>"},
    {"kbd", FIRST}, {"key", FIRST}, {"keypress", FIRST}, {"kilde artikkel", CITED}, {"kilde bok", CITED},
    {"kilde www", CITED}, {"kirjaviite", CITED}, {"kitap kaynağı", CITED}, {"ko-hhrm", "<hangul>[ (<hanja>)]"},
    {"korean", "<hangul>[ (<hanja>)]"}, {"korean-name", "<1>[ (<2>, <3>)]"}, {"kursiv", FIRST},
    {"kutipan", QUOTATION}, {"lainaus", QUOTATION}, {"lang", SECOND}, {"lang-*", FIRST}, {"lang2", SECOND},
    {"langr", SECOND}, {"langue", SECOND}, {"langx", "<2>"}, {"langx-*", FIRST}, {"large", FIRST}, {"larger", FIRST},
    {"las", "<1>"}, {"latin", FIRST}, {"launch date", "<1>[-<2>][-<3>]"}, {"lc:", FIRST}, {"lcfirst:", FIRST},
    {"le", FIRST}, {"legend", SECOND}, {"legend inline", FIRST}, {"legend-line", SECOND}, {"legend0", FIRST},
    {"lien", FIRST}, {"lien brisé", CITED}, {"lien interwiki", "<texte/fr/1>"}, {"lien vidéo", CITED},
    {"lien web", CITED}, {"link-de", FIRST}, {"link-en", FIRST}, {"link-fr", FIRST}, {"link-interwiki", FIRST},
    {"link-ja", FIRST}, {"link-ru", FIRST}, {"linkred", FIRST}, {"linktext", FIRST}, {"liste simple", "<*\n>"},
    {"literal", FIRST}, {"literatur", CITED}, {"llang", SECOND}, {"ls", FIRST}, {"m", "<1>[ <2><3/u>]"}, {"m.", "M."},
    {"maiuscoletto", FIRST}, {"math", FIRST}, {"mdash", "—"}, {"mdashb", "—"}, {"me", "Me"}, {"menciona", "@<*, @>"},
    {"mention", "@<*, @>"}, {"mgr", "Mgr"}, {"midsize", FIRST}, {"mlle", "Mlle"}, {"mme", "Mme"}, {"mono", FIRST},
    {"multi-column numbered list", "\n<content/2/1>\n"}, {"mv", "MV <1>"}, {"mvar", FIRST}, {"mxt", FIRST},
    {"n/a", "N/A"}, {"naskh", FIRST}, {"nastaliq", FIRST}, {"nb", FIRST}, {"nbsp", " "}, {"ndash", "–"},
    {"nihongo", "<1>[ (<2>, <3>)]"}, {"nihongo krt", "<1>[ (<2>, <3>)]"}, {"nnbsp", " "}, {"no", "<1/=No>"},
    {"no wrap", FIRST}, {"nobold", FIRST}, {"nobr", FIRST}, {"nobr romains", FIRST}, {"nobreak", FIRST},
    {"noitalic", FIRST}, {"nombre", "<1>[ <2/u>]"}, {"noping", FIRST}, {"normal", FIRST}, {"not a typo", FIRST},
    {"notif", "@<*, @>"}, {"notification", "@<*, @>"}, {"notify", "@<*, @>"}, {"nowr", FIRST}, {"nowrap", FIRST},
    {"nts", "<1>[ <2/u>]"}, {"nuclide", "<1>-<2>"}, {"nuclide2", "<1>-<2>"}, {"num", FIRST}, {"numéro", "n° <1>"},
    {"n°", "n° <1>"}, {"obra citada", CITED}, {"oclc", "OCLC <1>"}, {"official url", "<2/1>"}, {"okina", "ʻ"},
    {"old style date", FIRST}, {"oldstyledate", "<1>[ (<2>)]"}, {"ouvrage", CITED}, {"oweb", "<2/1>"},
    {"p.", "p. <1>"}, {"pas clair", FIRST}, {"passage évasif", FIRST}, {"pdate", "<1>[/<2>][/<3>]"}, {"petit", FIRST},
    {"pi", "π"}, {"ping", "@<*, @>"}, {"ping user", "@<*, @>"}, {"plainlist", FIRST}, {"pls", "<1>"},
    {"poem", "\n<1>\n"}, {"poem quote", QUOTATION}, {"poemquote", QUOTATION}, {"polytonic", FIRST},
    {"polytonique", FIRST}, {"polytonisch", FIRST}, {"pound sterling", "£<1>"}, {"poème", "\n<1>\n"},
    {"premier", "1er"}, {"quotation", QUOTATION}, {"quote", QUOTATION}, {"quote2", QUOTATION},
    {"r.", "r.[ <1>][–<2>]"}, {"railgauge", FIRST}, {"re", "@<*, @>"}, {"red link", FIRST}, {"refnec", FIRST},
    {"reign", "r.[ <1>][–<2>]"}, {"release date", "<1>[-<2>][-<3>]"}, {"reply", "@<*, @>"}, {"reply to", "@<*, @>"},
    {"replyto", "@<*, @>"}, {"resize", SECOND}, {"respuesta a", "@<*, @>"}, {"rms", "RMS <1>"}, {"rom", FIRST},
    {"rom-maj", FIRST}, {"rom-min", FIRST}, {"romain", FIRST}, {"rquote", QUOTATION}, {"rtl-lang", SECOND},
    {"rto", "@<*, @>"}, {"rub", "₽<1>"}, {"rubi", "<1>[ (<2>)]"}, {"ruby", "<1>[ (<2>)]"}, {"ruby-base", FIRST},
    {"ruby-ja", "<1>[ (<2>)]"}, {"rupee", "₹<1>"}, {"rus", "<1>"}, {"référence nécessaire", FIRST},
    {"référence souhaitée", FIRST}, {"s", "<1>[<2> siècle]"}, {"s-", "<1><2/=e>"}, {"s2", "<1>e et <2>e siècles"},
    {"s2-", "<1>e et <2>e"}, {"samp", FIRST}, {"sans espace", FIRST}, {"sc", FIRST}, {"script", SECOND},
    {"script/arabic", FIRST}, {"script/hebrew", FIRST}, {"senza fonte", FIRST}, {"sfrac", "=fraction"},
    {"ship", "<1> <2>"}, {"sic", FIRST}, {"siglo", "siglo <1>[ <2>]"}, {"simplenuclide", "<1>-<2>"},
    {"simplenuclide2", "<1>-<2>"}, {"sitat", QUOTATION}, {"small", FIRST}, {"small caps", FIRST},
    {"smallcaps", FIRST}, {"smaller", FIRST}, {"sms", "SMS <1>"}, {"snd", " – "}, {"snds", " – "}, {"sort", SECOND},
    {"sort name", "<1> <2>"}, {"sortdate", "<1>[/<2>][/<3>]"}, {"sortierung", "<1> <2>"}, {"sortkey", SECOND},
    {"sortkeyname", "<1> <2>"}, {"sortname", "<1> <2>"}, {"souligner", FIRST}, {"sp", "<1><2> <3> <4><5> siècle"},
    {"sp-", "<1><2> <3> <4><5>"}, {"space", " "}, {"spaced en dash", " – "}, {"spaced ndash", " – "}, {"spaces", " "},
    {"spc", " "}, {"spnd", " – "}, {"språk", SECOND}, {"ss", "SS <1>"}, {"st", "St"}, {"start date", FIRST},
    {"start date and age", "<1>[-<2>][-<3>]"}, {"start date and years ago", "<1>[-<2>][-<3>]"}, {"start-date", FIRST},
    {"ste", "Ste"}, {"strong", FIRST}, {"sub", "<1>"}, {"sup", "^<1>"}, {"sup2", "²"}, {"super", "^<1>"},
    {"svar", "@<*, @>"}, {"séc", "século <1>"}, {"século", "século <1>"}, {"t.", "t. <1>"}, {"tba", "TBA"},
    {"temperature", "<1>[ <2/u>]"}, {"température", "<1>[ <2/u>]"}, {"term", "\n<1>\n"}, {"term defined", FIRST},
    {"terme défini", FIRST}, {"text color", SECOND}, {"thinsp", " "}, {"tidningsref", CITED},
    {"tidskriftsref", CITED}, {"tiret", " – "}, {"tmp", "<1>[ <2/u>]"}, {"tooltip", FIRST}, {"tq", FIRST},
    {"track gauge", FIRST}, {"trad", "trad."}, {"transl", "<3/2>"}, {"transliteration", "<3/2>"},
    {"trích dẫn", QUOTATION}, {"tsl", "<3/2>"}, {"tt", FIRST}, {"tutto attaccato", FIRST}, {"typo", FIRST},
    {"u", FIRST}, {"ubl", "<*\n>"}, {"ublist", "<*\n>"}, {"uc:", FIRST}, {"ucfirst:", FIRST}, {"ulist", "<*\n>"},
    {"unbulleted list", "<*\n>"}, {"underline", FIRST}, {"unicode", FIRST}, {"unidad", "<1>[ <2/u>]"},
    {"unidade", "<1>[ <2/u>]"}, {"unit", "<1>[ <2/u>]"}, {"unité", "<1>[ <2/u>][^<3>]"},
    {"unité/2", "<1>[ <2/u>][^<3>]"}, {"url", "<2/1>"}, {"us$", "$<1>"}, {"uscgc", "USCGC <1>"}, {"usd", "$<1>"},
    {"user", FIRST}, {"usns", "USNS <1>"}, {"uss", "USS <1>"}, {"val", "<1>[±<2>][ ×10^<e>][ <u/ul/end>]"},
    {"vanchor", FIRST}, {"var", FIRST}, {"vcite book", CITED}, {"vcite journal", CITED}, {"vcite news", CITED},
    {"vcite web", CITED}, {"verkkoviite", CITED}, {"versalita", FIRST}, {"versalitas", FIRST},
    {"verse translation", QUOTATION}, {"visible anchor", FIRST}, {"vol.", "vol. <1>"}, {"vr", FIRST},
    {"vulgar fraction", "=fraction"}, {"web kaynağı", CITED}, {"webbref", CITED}, {"wzór chemiczny", "<*>"},
    {"xlang", SECOND}, {"xref", FIRST}, {"xt", FIRST}, {"yes", "<1/=Yes>"}, {"yo", "@<*, @>"},
    {"zh", "<c/s/t/1>[ (<p/hp>)]"}, {"zh-full", "<c/s/t/1>[ (<p/hp>)]"}, {"zh-hans", FIRST}, {"zh-hant", FIRST},
    {"zhs", "<1>"}, {"zitat", QUOTATION}, {"zitat-en", QUOTATION}, {"zitat-fr", QUOTATION}, {"£", "£<1>"},
    {"¥", "¥<1>"}, {"§", "§ <1>"}, {"·", " · "}, {"×10^", "×10^<1>"}, {"à", "@<*, @>"}, {"à sourcer", FIRST},
    {"évro", "<1> €"}, {"век", "<1> век"}, {"дата", "<1>[/<2>][/<3>]"}, {"до н. э.", "до н. э."}, {"книга", CITED},
    {"н. э.", "н. э."}, {"не переведено", "<2/1>"}, {"не переведено 2", "<2/1>"}, {"не переведено 3", "<2/1>"},
    {"не переведено 4", "<2/1>"}, {"не переведено 5", "<2/1>"}, {"не перекладено", FIRST}, {"нобр", FIRST},
    {"нп", FIRST}, {"нп1", "<2/1>"}, {"нп2", "<2/1>"}, {"нп3", "<2/1>"}, {"нп4", "<2/1>"}, {"нп5", "<2/1>"},
    {"ответ", "@<*, @>"}, {"публикация", CITED}, {"стаття", CITED}, {"статья", CITED}, {"цитата", QUOTATION},
    {"цитата2", QUOTATION}, {"число", FIRST}, {"אנ", "(<1>)"}, {"ألم", "(<1>)"}, {"ألمانية", "(<1>)"},
    {"إسب", "(<1>)"}, {"إسبانية", "(<1>)"}, {"إشارة", "@<*, @>"}, {"إنج", "(<1>)"}, {"إنجليزية", "(<1>)"},
    {"إنكليزية", "(<1>)"}, {"إيطالية", "(<1>)"}, {"استشهاد بدورية محكمة", CITED}, {"استشهاد بكتاب", CITED},
    {"استشهاد ويب", CITED}, {"اقتباس", QUOTATION}, {"اقتباس مضمن", QUOTATION}, {"به انگلیسی", "(<1>)"},
    {"تركية", "(<1>)"}, {"روسية", "(<1>)"}, {"صينية", "(<1>)"}, {"عبرية", "(<1>)"}, {"فارسية", "(<1>)"},
    {"فرن", "(<1>)"}, {"فرنسية", "(<1>)"}, {"لات", "(<1>)"}, {"لاتينية", "(<1>)"}, {"لغة-أل", "(<1>)"},
    {"لغة-إنج", "(<1>)"}, {"لغة-فر", "(<1>)"}, {"مرجع كتاب", CITED}, {"مرجع ويب", CITED}, {"و.إ", "<نص/عر/1/تر>"},
    {"وإو", "<نص/عر/1/تر>"}, {"يابانية", "(<1>)"}, {"يونانية", "(<1>)"}, {"یادکرد وب", CITED}, {"یادکرد کتاب", CITED},
    {"–", "–"}, {"—", "—"}, {"•", " • "}, {"€", "€<1>"}, {"ふりがな", "<1>[ (<2>)]"}, {"仮リンク", FIRST},
    {"僻字", FIRST}, {"僻字2", FIRST}, {"变换", "=convert"}, {"回复", "@<*, @>"}, {"回覆", "@<*, @>"},
    {"引用", QUOTATION}, {"引用文", QUOTATION}, {"拡張漢字", FIRST}, {"换算", "=convert"},
    {"補助漢字フォント", FIRST}, {"要出典範囲", FIRST}, {"要検証範囲", FIRST}, {"読み仮名", "<1>[ (<2>)]"},
    {"読み仮名 ruby不使用", "<1>[ (<2>)]"}, {"뉴스 인용", CITED}, {"서적 인용", CITED}, {"웹 인용", CITED},
    {"인용문", QUOTATION}, {"임시 링크", FIRST}, {"저널 인용", CITED}, {"한자", "<1>[ (<2>, <3>)]"},
};
const size_t WIKI_SHOWN_COUNT = sizeof WIKI_SHOWN / sizeof WIKI_SHOWN[0];

static int compare(const void *name, const void *shown) {
    const struct span *key = name;
    return span_compare(*key, span_of(((const struct wiki_shown *)shown)->name));
}

const char *wiki_shown_find(struct span name) {
    const struct wiki_shown *found = bsearch(&name, WIKI_SHOWN, WIKI_SHOWN_COUNT, sizeof *WIKI_SHOWN, compare);
    if (found)
        return found->pattern;
    /* "lang-de" and its like. */
    static const char family[] = "lang-";
    bool member = name.size > sizeof family && memcmp(name.data, family, sizeof family - 1) == 0;
    return member ? FIRST : NULL;
}
