/*
 * The encodings of the WHATWG Encoding Standard with their labels, and the places where ICU's converters differ from
 * its indexes. Data only: charset.c knows what to do with it. (Laid out as tables, not formatted.)
 */
#include "text/charset_tables.h"

const struct charset_encoding CHARSET_ENCODINGS[] = {
    {"UTF-8", "UTF-8", CHARSET_WHOLE, " unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8 "},
    {"IBM866", "ibm-866", CHARSET_SINGLE_BYTE, " 866 cp866 csibm866 ibm866 "},
    {"ISO-8859-2", "ISO-8859-2", CHARSET_SINGLE_BYTE,
     " csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2 "},
    {"ISO-8859-3", "ISO-8859-3", CHARSET_SINGLE_BYTE,
     " csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3 "},
    {"ISO-8859-4", "ISO-8859-4", CHARSET_SINGLE_BYTE,
     " csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4 "},
    {"ISO-8859-5", "ISO-8859-5", CHARSET_SINGLE_BYTE,
     " csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988 "},
    {"ISO-8859-6", "ISO-8859-6", CHARSET_SINGLE_BYTE,
     " arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso- "
     "ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987 "},
    {"ISO-8859-7", "ISO-8859-7", CHARSET_SINGLE_BYTE,
     " csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
     "iso_8859-7:1987 sun_eu_greek "},
    {"ISO-8859-8", "ISO-8859-8", CHARSET_SINGLE_BYTE,
     " csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
     "iso_8859-8:1988 visual "},
    {"ISO-8859-8-I", "ISO-8859-8", CHARSET_SINGLE_BYTE, " csiso88598i iso-8859-8-i logical "},
    {"ISO-8859-10", "iso-8859_10-1998", CHARSET_SINGLE_BYTE,
     " csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6 "},
    {"ISO-8859-13", "ISO-8859-13", CHARSET_SINGLE_BYTE, " iso-8859-13 iso8859-13 iso885913 "},
    {"ISO-8859-14", "iso-8859_14-1998", CHARSET_SINGLE_BYTE, " iso-8859-14 iso8859-14 iso885914 "},
    {"ISO-8859-15", "ISO-8859-15", CHARSET_SINGLE_BYTE,
     " csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 "},
    {"ISO-8859-16", "ISO-8859-15", CHARSET_SINGLE_BYTE, " iso-8859-16 "},
    {"KOI8-R", "KOI8-R", CHARSET_SINGLE_BYTE, " cskoi8r koi koi8 koi8-r koi8_r "},
    {"KOI8-U", "KOI8-U", CHARSET_SINGLE_BYTE, " koi8-ru koi8-u "},
    {"macintosh", "macintosh", CHARSET_SINGLE_BYTE, " csmacintosh mac macintosh x-mac-roman "},
    {"windows-874", "windows-874-2000", CHARSET_SINGLE_BYTE,
     " dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874 "},
    {"windows-1250", "windows-1250", CHARSET_SINGLE_BYTE, " cp1250 windows-1250 x-cp1250 "},
    {"windows-1251", "windows-1251", CHARSET_SINGLE_BYTE, " cp1251 windows-1251 x-cp1251 "},
    {"windows-1252", "windows-1252", CHARSET_SINGLE_BYTE,
     " ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
     "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252 "},
    {"windows-1253", "windows-1253", CHARSET_SINGLE_BYTE, " cp1253 windows-1253 x-cp1253 "},
    {"windows-1254", "windows-1254", CHARSET_SINGLE_BYTE,
     " cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
     "windows-1254 x-cp1254 "},
    {"windows-1255", "windows-1255", CHARSET_SINGLE_BYTE, " cp1255 windows-1255 x-cp1255 "},
    {"windows-1256", "windows-1256", CHARSET_SINGLE_BYTE, " cp1256 windows-1256 x-cp1256 "},
    {"windows-1257", "windows-1257", CHARSET_SINGLE_BYTE, " cp1257 windows-1257 x-cp1257 "},
    {"windows-1258", "windows-1258", CHARSET_SINGLE_BYTE, " cp1258 windows-1258 x-cp1258 "},
    {"x-mac-cyrillic", "x-mac-cyrillic", CHARSET_SINGLE_BYTE, " x-mac-cyrillic x-mac-ukrainian "},
    {"GBK", "gb18030", CHARSET_LEAD_BYTES,
     " chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk "},
    {"gb18030", "gb18030", CHARSET_LEAD_BYTES, " gb18030 "},
    {"Big5", "Big5-HKSCS", CHARSET_LEAD_BYTES, " big5 big5-hkscs cn-big5 csbig5 x-x-big5 "},
    {"EUC-JP", "EUC-JP", CHARSET_LEAD_BYTES, " cseucpkdfmtjapanese euc-jp x-euc-jp "},
    {"ISO-2022-JP", "ISO-2022-JP", CHARSET_WHOLE, " csiso2022jp iso-2022-jp "},
    {"Shift_JIS", "ibm-943_P15A-2003", CHARSET_LEAD_BYTES,
     " csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis "},
    {"EUC-KR", "windows-949-2000", CHARSET_LEAD_BYTES,
     " cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 "},
    {"UTF-16BE", "UTF-16BE", CHARSET_WHOLE, " unicodefffe utf-16be "},
    {"UTF-16LE", "UTF-16LE", CHARSET_WHOLE, " csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le "},
    {"x-user-defined", "ISO-8859-1", CHARSET_SINGLE_BYTE, " x-user-defined "},
    {NULL, NULL, CHARSET_WHOLE, NULL},
};

/* By encoding and byte. ISO-8859-16, which ICU lacks, is told by its differences from ISO-8859-15. */
const struct charset_byte_patch CHARSET_BYTE_PATCHES[] = {
    {"KOI8-U", 0xAE, 0x045E},       {"KOI8-U", 0xBE, 0x040E},      {"windows-1253", 0xAA, 0xFFFD},
    {"windows-1255", 0xCA, 0x05BA}, {"windows-874", 0xDB, 0xFFFD}, {"windows-874", 0xDC, 0xFFFD},
    {"windows-874", 0xDD, 0xFFFD},  {"windows-874", 0xDE, 0xFFFD}, {"windows-874", 0xFC, 0xFFFD},
    {"windows-874", 0xFD, 0xFFFD},  {"windows-874", 0xFE, 0xFFFD}, {"windows-874", 0xFF, 0xFFFD},
    {"ISO-8859-16", 0xA1, 0x0104},  {"ISO-8859-16", 0xA2, 0x0105}, {"ISO-8859-16", 0xA3, 0x0141},
    {"ISO-8859-16", 0xA5, 0x201E},  {"ISO-8859-16", 0xAA, 0x0218}, {"ISO-8859-16", 0xAC, 0x0179},
    {"ISO-8859-16", 0xAE, 0x017A},  {"ISO-8859-16", 0xAF, 0x017B}, {"ISO-8859-16", 0xB2, 0x010C},
    {"ISO-8859-16", 0xB3, 0x0142},  {"ISO-8859-16", 0xB5, 0x201D}, {"ISO-8859-16", 0xB9, 0x010D},
    {"ISO-8859-16", 0xBA, 0x0219},  {"ISO-8859-16", 0xBF, 0x017C}, {"ISO-8859-16", 0xC3, 0x0102},
    {"ISO-8859-16", 0xC5, 0x0106},  {"ISO-8859-16", 0xD0, 0x0110}, {"ISO-8859-16", 0xD1, 0x0143},
    {"ISO-8859-16", 0xD5, 0x0150},  {"ISO-8859-16", 0xD7, 0x015A}, {"ISO-8859-16", 0xD8, 0x0170},
    {"ISO-8859-16", 0xDD, 0x0118},  {"ISO-8859-16", 0xDE, 0x021A}, {"ISO-8859-16", 0xE3, 0x0103},
    {"ISO-8859-16", 0xE5, 0x0107},  {"ISO-8859-16", 0xF0, 0x0111}, {"ISO-8859-16", 0xF1, 0x0144},
    {"ISO-8859-16", 0xF5, 0x0151},  {"ISO-8859-16", 0xF7, 0x015B}, {"ISO-8859-16", 0xF8, 0x0171},
    {"ISO-8859-16", 0xFD, 0x0119},  {"ISO-8859-16", 0xFE, 0x021B}, {NULL, 0, 0},
};

/* What ICU's Big5-HKSCS has no character for, ascending. */
const struct charset_pair_patch CHARSET_BIG5_PAIRS[] = {
    {0x87A4, 0x9F97}, {0x87AC, 0x9F96}, {0x8E69, 0x7BB8}, {0x8E6F, 0x7C06}, {0x8E7E, 0x7CCE}, {0x8EAB, 0x7DD2},
    {0x8EB4, 0x7E1D}, {0x8ECD, 0x8005}, {0x8ED0, 0x8028}, {0x8F57, 0x83C1}, {0x8F69, 0x84A8}, {0x8F6E, 0x840F},
    {0x8FCB, 0x89A6}, {0x8FCC, 0x89A9}, {0x8FFE, 0x8D77}, {0x906D, 0x90FD}, {0x907A, 0x92B9}, {0x90DC, 0x975C},
    {0x90F1, 0x97FF}, {0x91BF, 0x9F16}, {0x9244, 0x8503}, {0x92AF, 0x5159}, {0x92B0, 0x515B}, {0x92B1, 0x515D},
    {0x92B2, 0x515E}, {0x92C8, 0x936E}, {0x92D1, 0x7479}, {0x9447, 0x6D67}, {0x94CA, 0x799B}, {0x95D9, 0x9097},
    {0x9644, 0x975D}, {0x96ED, 0x701E}, {0x96FC, 0x5B28}, {0x9B76, 0x7201}, {0x9B78, 0x77D7}, {0x9B7B, 0x7E87},
    {0x9BC6, 0x99D6}, {0x9BDE, 0x91D4}, {0x9BEC, 0x60DE}, {0x9BF6, 0x6FB6}, {0x9C42, 0x8F36}, {0x9C53, 0x4FBB},
    {0x9C62, 0x71DF}, {0x9C68, 0x9104}, {0x9C6B, 0x9DF0}, {0x9C77, 0x83CF}, {0x9CBC, 0x5C10}, {0x9CBD, 0x79E3},
    {0x9CD0, 0x5A67}, {0x9D57, 0x8F0B}, {0x9D5A, 0x7B51}, {0x9DC4, 0x62D0}, {0x9EA9, 0x6062}, {0x9EEF, 0x75F9},
    {0x9EFD, 0x6C4A}, {0x9F60, 0x9B2E}, {0x9F66, 0x9F17}, {0x9FCB, 0x50ED}, {0x9FD8, 0x5F0C}, {0xA063, 0x880F},
    {0xA077, 0x62CE}, {0xA0D5, 0x7468}, {0xA0DF, 0x7162}, {0xA0E4, 0x7250}, {0xA3C0, 0x2400}, {0xA3C1, 0x2401},
    {0xA3C2, 0x2402}, {0xA3C3, 0x2403}, {0xA3C4, 0x2404}, {0xA3C5, 0x2405}, {0xA3C6, 0x2406}, {0xA3C7, 0x2407},
    {0xA3C8, 0x2408}, {0xA3C9, 0x2409}, {0xA3CA, 0x240A}, {0xA3CB, 0x240B}, {0xA3CC, 0x240C}, {0xA3CD, 0x240D},
    {0xA3CE, 0x240E}, {0xA3CF, 0x240F}, {0xA3D0, 0x2410}, {0xA3D1, 0x2411}, {0xA3D2, 0x2412}, {0xA3D3, 0x2413},
    {0xA3D4, 0x2414}, {0xA3D5, 0x2415}, {0xA3D6, 0x2416}, {0xA3D7, 0x2417}, {0xA3D8, 0x2418}, {0xA3D9, 0x2419},
    {0xA3DA, 0x241A}, {0xA3DB, 0x241B}, {0xA3DC, 0x241C}, {0xA3DD, 0x241D}, {0xA3DE, 0x241E}, {0xA3DF, 0x241F},
    {0xA3E0, 0x2421}, {0xC6CF, 0x5EF4}, {0xC6D3, 0x65E0}, {0xC6D5, 0x7676}, {0xC6D7, 0x96B6}, {0xC6DE, 0x3003},
    {0xC6DF, 0x4EDD}, {0xFA5F, 0x5029}, {0xFA66, 0x507D}, {0xFABD, 0x5305}, {0xFAC5, 0x5344}, {0xFAD5, 0x537F},
    {0xFB48, 0x5605}, {0xFBB8, 0x5A77}, {0xFBF3, 0x5E75}, {0xFBF9, 0x5ED0}, {0xFC4F, 0x5F58}, {0xFC6C, 0x60A4},
    {0xFCB9, 0x6490}, {0xFCE2, 0x6674}, {0xFCF1, 0x675E}, {0xFDB7, 0x6C9C}, {0xFDB8, 0x6E1D}, {0xFDBB, 0x6E2F},
    {0xFDF1, 0x716E}, {0xFE52, 0x732A}, {0xFE6F, 0x745C}, {0xFEAA, 0x74E9}, {0xFEDD, 0x7809},
};
const size_t CHARSET_BIG5_PAIR_COUNT = sizeof CHARSET_BIG5_PAIRS / sizeof CHARSET_BIG5_PAIRS[0];

/* Private characters that stand for what has characters of its own by now, ascending. */
const struct charset_private_patch CHARSET_BIG5_PRIVATE[] = {
    {0xF303, {0x31C0}},         {0xF304, {0x31C1}},         {0xF305, {0x31C2}},         {0xF306, {0x31C3}},
    {0xF307, {0x31C4}},         {0xF309, {0x31C5}},         {0xF30C, {0x31C6}},         {0xF30D, {0x31C7}},
    {0xF310, {0x31C8}},         {0xF312, {0x31C9}},         {0xF313, {0x31CA}},         {0xF314, {0x31CB}},
    {0xF315, {0x31CC}},         {0xF317, {0x31CD}},         {0xF318, {0x31CE}},         {0xF325, {0x00CA, 0x0304}},
    {0xF327, {0x00CA, 0x030C}}, {0xF344, {0x00EA, 0x0304}}, {0xF346, {0x00EA, 0x030C}}, {0xF34A, {0x23DA}},
    {0xF34B, {0x23DB}},         {0xF57A, {0x9FA6}},         {0xF5A4, {0x9FA7}},         {0xF5AB, {0x9FA8}},
    {0xF5CC, {0x9FA9}},         {0xF5CE, {0x9FAA}},         {0xF5D0, {0x9FAB}},         {0xF5D5, {0x9FAC}},
    {0xF5EC, {0x9FAD}},         {0xF5ED, {0x9FAE}},         {0xF5EF, {0x9FAF}},         {0xF602, {0x9FB2}},
    {0xF61C, {0x9FB3}},         {0xF7E5, {0x31CF}},         {0xF7EB, {0x9FB0}},         {0xF7ED, {0x9FB1}},
};
const size_t CHARSET_BIG5_PRIVATE_COUNT = sizeof CHARSET_BIG5_PRIVATE / sizeof CHARSET_BIG5_PRIVATE[0];
const struct charset_private_patch CHARSET_GB18030_PRIVATE[] = {
    {0xE5E5, {0x3000}}, {0xE78D, {0xFE10}}, {0xE78E, {0xFE12}}, {0xE78F, {0xFE11}}, {0xE790, {0xFE13}},
    {0xE791, {0xFE14}}, {0xE792, {0xFE15}}, {0xE793, {0xFE16}}, {0xE794, {0xFE17}}, {0xE795, {0xFE18}},
    {0xE796, {0xFE19}}, {0xE81E, {0x9FB4}}, {0xE826, {0x9FB5}}, {0xE82B, {0x9FB6}}, {0xE82C, {0x9FB7}},
    {0xE832, {0x9FB8}}, {0xE843, {0x9FB9}}, {0xE854, {0x9FBA}}, {0xE864, {0x9FBB}},
};
const size_t CHARSET_GB18030_PRIVATE_COUNT = sizeof CHARSET_GB18030_PRIVATE / sizeof CHARSET_GB18030_PRIVATE[0];
