"""What an illustrative year looks like: rows, people, partners, money and weights by sector, as plain data.

Every figure here is invented, except those of Human Trafficking & Smuggling that its published end-of-year
2021 sheet states: 7 reporting and 14 implementing partners, 383 activities, 4.91 K people reached (over 4.6 K
of them host community members in Peru), US$ 1.47 M from 3 donors to 1 organisation.
"""

from dataclasses import dataclass

MONTHS = tuple(f"2021-{month:02d}" for month in range(1, 13))

COUNTRIES_OF_PLATFORM: dict[str, dict[str, int]] = {
    "Brazil": {"Brazil": 100},
    "Chile": {"Chile": 100},
    "Colombia": {"Colombia": 100},
    "Ecuador": {"Ecuador": 100},
    "Peru": {"Peru": 100},
    "Caribbean": {"Aruba": 8, "Curacao": 10, "Dominican Republic": 27, "Guyana": 25, "Trinidad and Tobago": 30},
    "Central America & Mexico": {"Costa Rica": 45, "Mexico": 15, "Panama": 40},
    "Southern Cone": {"Argentina": 52, "Bolivia": 22, "Paraguay": 8, "Uruguay": 18},
}
"""Countries as the 2021 5W spells them, each with its weight inside its platform."""

COUNTRIES: tuple[str, ...] = (*(name for members in COUNTRIES_OF_PLATFORM.values() for name in members), "Regional")

# fmt: off
ACTIVITY_WEIGHTS: dict[str, int] = {
    "Colombia": 400, "Ecuador": 150, "Peru": 150, "Brazil": 120, "Chile": 40, "Argentina": 25, "Bolivia": 12,
    "Paraguay": 6, "Uruguay": 12, "Costa Rica": 14, "Mexico": 8, "Panama": 14, "Aruba": 5, "Curacao": 6,
    "Dominican Republic": 12, "Guyana": 10, "Trinidad and Tobago": 16,
}
"""Where activities that count no people are reported."""

ACTIVITY_MONTHS = (70, 78, 84, 80, 84, 86, 86, 88, 90, 92, 88, 74)
PEOPLE_MONTHS = (96, 118, 141, 127, 133, 139, 128, 142, 149, 151, 138, 108)
SCHOOL_MONTHS = (62, 118, 171, 140, 126, 118, 104, 121, 138, 130, 96, 51)

ADMIN1_WEIGHTS: dict[str, dict[str, int]] = {
    "Argentina": {"Ciudad de Buenos Aires": 40, "Buenos Aires": 20, "Mendoza": 8, "Salta": 8, "Jujuy": 8},
    "Bolivia": {"La Paz": 20, "Santa Cruz": 14, "Cochabamba": 10, "Oruro": 8, "Tarija": 6},
    "Brazil": {"Roraima": 90, "Amazonas": 40, "São Paulo": 22, "Paraná": 12, "Rio Grande do Sul": 12,
               "Santa Catarina": 10, "Pará": 10},
    "Chile": {"Metropolitana (Xiii)": 40, "Tarapaca (I)": 22, "Arica y Parinacota (XV)": 16, "Antofagasta (Ii)": 10,
              "Valparaiso (V)": 6},
    "Colombia": {"Norte De Santander": 60, "La Guajira": 50, "Bogotá D.C.": 36, "Arauca": 34, "Antioquia": 24,
                 "Atlántico": 24, "Nariño": 26, "Valle Del Cauca": 18, "Magdalena": 16, "Santander": 16, "Cesar": 14,
                 "Bolivar": 12, "Córdoba": 5, "Casanare": 5, "Putumayo": 5},
    "Ecuador": {"Pichincha": 40, "Guayas": 26, "Carchi": 22, "El Oro": 20, "Manabi": 16, "Imbabura": 12, "Azuay": 10,
                "Sucumbios": 10, "Esmeraldas": 8, "Santo Domingo De Los Tsachilas": 5, "Zona No Delimitada": 0},
    "Paraguay": {"Asunción": 20, "Central": 8, "Alto Paraná": 8},
    "Peru": {"Lima": 60, "Tumbes": 36, "Tacna": 20, "La Libertad": 16, "Piura": 14, "Arequipa": 12, "Callao": 8,
             "Lambayeque": 6, "Cusco": 6, "Ica": 5, "Madre De Dios": 5},
    "Regional": {"Regional": 1},
    "Uruguay": {"Montevideo": 40, "Rivera": 12, "Rocha": 6, "Canelones": 6, "Artigas": 4},
}
"""Weights of well-served first administrative levels; the others of a country weigh 1 (Regional: none)."""
# fmt: on

AGES_USUAL = (18, 18, 40, 24)
GROUPS_USUAL = (75, 6, 19, 1, 0)


@dataclass(frozen=True)
class SectorProfile:
    """One sector at 20,000 file rows.

    ``people`` is by platform, ``groups`` weighs in destination, in transit, host communities, pendular and
    returnees outside Colombia, ``ages`` girls, boys, women and men, ``indicators`` the codes. Activities that count
    no people are in ``other_countries`` (empty: all); ``absent`` countries have none of either kind.
    """

    rows: int
    counted_rows: int
    organisations: int
    partners: int
    people: dict[str, int]
    indicators: dict[str, int]
    activity_names: tuple[str, ...]
    groups: tuple[int, ...] = GROUPS_USUAL
    ages: tuple[int, ...] = AGES_USUAL
    months: tuple[int, ...] = PEOPLE_MONTHS
    cva_share: float = 0.0
    regional: int = 0
    absent: tuple[str, ...] = ()
    other_countries: tuple[str, ...] = ()
    spread: float = 1.2


def _by_platform(*people: int) -> dict[str, int]:
    """People of Brazil, Chile, Colombia, Ecuador, Peru, Caribbean, Central America & Mexico, Southern Cone."""
    return dict(zip(COUNTRIES_OF_PLATFORM, people, strict=True))


# fmt: off
SECTORS: dict[str, SectorProfile] = {
    "Education": SectorProfile(
        1010, 790, 38, 57, _by_platform(20_180, 820, 96_300, 38_900, 21_450, 4_260, 1_870, 2_640),
        {"RE-ED1": 45, "RE-ED2": 45, "RE-ED4": 10, "RE-ED3": 30, "RE-ED5": 45, "RE-ED6": 25},
        ("School kits", "Learning support", "School access"),
        groups=(78, 1, 20, 1, 0), ages=(46, 46, 5, 3), months=SCHOOL_MONTHS, cva_share=0.1, absent=("Aruba",),
    ),
    "Food Security": SectorProfile(
        1420, 1380, 52, 96, _by_platform(58_700, 8_500, 801_400, 318_600, 186_900, 17_300, 6_100, 14_800),
        {"RE-FS1": 95, "RE-FS4_COL": 8, "RE-FS2": 50, "RE-FS3": 40, "RE-FS5_PER": 10},
        ("Food assistance", "Community kitchen", "Food vouchers"),
        groups=(76, 7, 16, 1, 0), ages=(20, 20, 34, 26), cva_share=0.4, spread=1.5,
    ),
    "Health": SectorProfile(
        3420, 3080, 62, 148, _by_platform(120_930, 13_180, 741_860, 318_240, 296_110, 28_610, 31_790, 19_420),
        {"RE-HE1": 50, "RE-HE2": 16, "RE-HE3": 18, "RE-HE4": 8, "RE-HE8_PER": 20, "RE-HE9_PER": 10, "RE-HE10_PER": 12,
         "RE-HE5": 55, "RE-HE6": 35, "RE-HE7": 10},
        ("Primary health care", "Medicines and devices", "Mental health support"),
        groups=(75, 5, 19, 1, 0), cva_share=0.06,
    ),
    "Humanitarian Transportation": SectorProfile(
        312, 312, 16, 24, _by_platform(21_930, 1_120, 31_240, 9_870, 6_410, 414, 304, 1_030),
        {"RE-HT1": 35, "RE-HT2": 15, "RE-HT3": 50},
        ("Internal transport", "Daily transport", "Border transport"),
        groups=(86, 13, 1, 0, 0), ages=(17, 17, 36, 30), cva_share=0.15,
        absent=("Aruba", "Curacao", "Dominican Republic", "Mexico", "Paraguay"),
    ),
    "Integration": SectorProfile(
        2060, 1570, 58, 104, _by_platform(15_800, 4_700, 62_300, 27_900, 26_150, 3_100, 2_900, 6_050),
        {"RE-INT1": 35, "RE-INT2": 35, "RE-INT3": 18, "RE-INT4": 12, "RE-INT5": 50, "RE-INT6_COL": 20,
         "RE-INT7_PER": 12, "RE-INT8_PER": 8, "RE-INT9_PER": 8, "RE-INT10_PER": 6, "RE-INT11_BRA": 20},
        ("Job access", "Small business support", "Social cohesion"),
        groups=(72, 0, 27, 1, 0), ages=(4, 4, 57, 35), cva_share=0.2, regional=6,
    ),
    "Multipurpose Cash Assistance": SectorProfile(
        1740, 1740, 41, 49, _by_platform(19_600, 6_860, 331_400, 64_200, 52_300, 4_600, 2_900, 5_400),
        {"RE-MC1": 100}, ("Cash transfer", "Cash for basic needs"),
        groups=(86, 6, 7, 1, 0), ages=(24, 24, 33, 19), cva_share=1.0,
    ),
    "Nutrition": SectorProfile(
        356, 330, 18, 21, _by_platform(5_800, 0, 29_800, 9_640, 17_500, 0, 0, 0),
        {"RE-NU1": 18, "RE-NU2": 30, "RE-NU3": 14, "RE-NU4": 28, "RE-NU5": 4, "RE-NU7_PER": 8, "RE-NU8_PER": 8,
         "RE-NU6_PER": 10},
        ("Growth screening", "Micronutrients", "Feeding counselling"),
        groups=(66, 4, 29, 1, 0), ages=(33, 32, 33, 2), other_countries=("Peru",),
    ),
    "Child Protection": SectorProfile(
        1090, 870, 34, 47, _by_platform(24_600, 1_360, 88_700, 31_200, 17_450, 3_900, 1_900, 2_270),
        {"RE-PRCP1": 100, "RE-PRCP2": 45, "RE-PRCP3": 45, "RE-PRCP4_PER": 15},
        ("Child-friendly space", "Case management", "Family support"),
        groups=(76, 8, 15, 1, 0), ages=(50, 48, 1, 1), absent=("Aruba",),
    ),
    "Gender-Based Violence": SectorProfile(
        760, 290, 36, 52, _by_platform(11_300, 1_150, 38_100, 22_700, 14_900, 3_600, 2_400, 2_700),
        {"RE-PRGBV1": 100, "RE-PRGBV2": 60, "RE-PRGBV3": 40},
        ("Safe space", "Prevention sessions", "Referral support"),
        groups=(66, 4, 29, 1, 0), ages=(14, 6, 58, 22),
    ),
    "Protection (General)": SectorProfile(
        4180, 3400, 71, 118, _by_platform(148_900, 15_600, 512_300, 196_400, 184_700, 20_600, 9_700, 16_400),
        {"RE-PR1": 80, "RE-PR5_COL": 12, "RE-PR6_PER": 10, "RE-PR7_PER": 14, "RE-PR2": 50, "RE-PR3": 25, "RE-PR4": 25},
        ("Orientation and legal aid", "Registration support", "Community protection"),
        groups=(80, 9, 10, 1, 0), ages=(17, 17, 37, 29), cva_share=0.03, regional=6,
    ),
    "Human Trafficking & Smuggling": SectorProfile(
        383, 160, 7, 14, _by_platform(16, 4, 127, 42, 4_660, 58, 0, 3),
        {"RE-PRHT1": 30, "RE-PRHT2_PER": 70, "RE-PRHT2": 65, "RE-PRHT3": 35},
        ("Prevention and identification", "Specialised assistance", "Training of authorities"),
        spread=0.6,
    ),
    "Shelter": SectorProfile(
        1360, 1140, 39, 73, _by_platform(56_300, 5_210, 214_600, 68_200, 46_900, 4_400, 1_900, 5_100),
        {"RE-SH1": 30, "RE-SH4": 16, "RE-SH5": 12, "RE-SH6": 4, "RE-SH7": 10, "RE-SH9": 28, "RE-SH2": 45, "RE-SH3": 25,
         "RE-SH8": 30},
        ("Temporary accommodation", "Rent support", "Household kits"),
        groups=(84, 7, 9, 0, 0), ages=(21, 21, 33, 25), cva_share=0.2,
    ),
    "WASH": SectorProfile(
        1140, 1115, 46, 58, _by_platform(243_100, 4_900, 402_300, 121_400, 88_600, 2_800, 2_200, 6_240),
        {"RE-WA2": 34, "RE-WA3": 16, "RE-WA4": 46, "RE-WA6_PER": 10, "RE-WA1": 20, "RE-WA5": 80},
        ("Hygiene kits", "Safe water points", "Sanitation facilities"),
        groups=(66, 7, 26, 1, 0), ages=(22, 22, 31, 25), cva_share=0.04,
    ),
    "Common Services": SectorProfile(
        689, 0, 27, 22, {},
        {"RE-CSCO01": 3, "RE-CSCO02": 14, "RE-CSCO03": 20, "RE-CSCO04": 3, "RE-CSCO05_PER": 3, "RE-CSCO06_PER": 5,
         "RE-CSCC01": 60, "RE-CSFU01": 8, "RE-CSIM01": 14, "RE-CSIM02": 24, "RE-CSIM03": 6, "RE-CSIM04_PER": 5,
         "RE-CSIM05_PER": 3, "RE-CSRE01": 16, "RE-CSTR01": 8, "RE-CSTR02": 14, "RE-CSTR03_COL": 8},
        ("Coordination meeting", "Information product", "Communication with communities"),
        regional=140,
    ),
    "Support Spaces": SectorProfile(
        60, 0, 9, 5, {}, {"RE-PRSS2": 100}, ("Support Space",), absent=("Aruba", "Curacao", "Mexico"),
    ),
}

HTS_PEOPLE: dict[str, tuple[int, ...]] = {
    "Peru": (3, 3, 66, 27, 194, 473, 838, 613, 1067, 914, 362, 100),
    "Colombia": (2, 3, 6, 5, 9, 12, 16, 14, 18, 17, 15, 10),
    "Trinidad and Tobago": (1, 1, 3, 2, 3, 4, 5, 4, 6, 5, 4, 3),
    "Curacao": (0, 0, 0, 1, 1, 2, 3, 2, 3, 2, 2, 1),
    "Ecuador": (1, 1, 2, 2, 3, 4, 6, 5, 6, 5, 4, 3),
    "Brazil": (0, 0, 1, 1, 1, 2, 2, 2, 3, 2, 1, 1),
    "Chile": (0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0),
    "Argentina": (0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0),
    "Bolivia": (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0),
}
"""People newly reached by month; the months are invented, the total is the published one."""

HTS_GROUPS: dict[str, tuple[int, ...]] = {
    "Peru": (16, 9, 4635, 0, 0),
    "Colombia": (75, 18, 20, 6, 8),
    "Trinidad and Tobago": (33, 2, 6, 0, 0),
    "Curacao": (14, 1, 2, 0, 0),
    "Ecuador": (24, 9, 8, 1, 0),
    "Brazil": (9, 4, 3, 0, 0),
    "Chile": (4, 0, 0, 0, 0),
    "Argentina": (2, 0, 0, 0, 0),
    "Bolivia": (1, 0, 0, 0, 0),
}
"""People by population group, in the order of SectorProfile.groups; Peru's host communities as published."""

HTS_AGES = (112, 66, 2690, 2042)

ORGANISATION_KINDS = (
    ("Sample agency", "SA", "UN"),
    ("Sample organisation", "SO", "INGO"),
    ("Sample foundation", "SF", "NNGO"),
    ("Sample association", "SAS", "NNGO"),
    ("Sample faith-based network", "SN", "Faith Based Organizations"),
    ("Sample community group", "SC", "Civil Society"),
    ("Sample relief society", "SR", "Red Cross Movement"),
)
PARTNER_KINDS = (
    ("Sample implementing partner", "SIP", "NNGO"),
    ("Sample local partner", "SLP", "Civil Society"),
    ("Sample health centre", "SHC", "Health Facilities"),
    ("Sample municipality", "SM", "Government"),
)

ORGANISATIONS, REGIONAL_ORGANISATIONS = 159, 23
PARTNERS, REGIONAL_PARTNERS = 340, 30

MECHANISMS: dict[str, int] = {
    "Cash in hand": 33, "Other": 17, "Paper Voucher": 13, "ATM": 12, "Prepaid Card": 10, "e-voucher": 9,
    "Mobile Money Transfer": 3, "Bank Account": 3,
}

FLAGGED_PER_MILLE: dict[str, int] = {
    "age_gender": 7, "population": 7, "partner": 4, "new_over_total": 4, "value": 2, "duplicate": 3, "admin1": 4,
}
"""Rows of the file with a fault that is flagged; Human Trafficking & Smuggling has none."""

REFUSED_PER_MILLE = 1


@dataclass(frozen=True)
class FundingProfile:
    """One sector's money: FTS global cluster, total, how many gave and got, and what came through the pooled fund."""

    cluster: int
    total_usd: int
    donors: int
    recipients: int
    internal_usd: int = 0


FUNDING: dict[str, FundingProfile] = {
    "Education": FundingProfile(3, 18_704_310, 11, 12),
    "Food Security": FundingProfile(6, 108_612_750, 15, 18, 3_200_000),
    "Health": FundingProfile(7, 58_400_000, 17, 21, 1_600_000),
    "Humanitarian Transportation": FundingProfile(8, 788_420, 5, 4),
    "Integration": FundingProfile(2, 41_236_900, 19, 24),
    "Multipurpose Cash Assistance": FundingProfile(26479, 92_418_560, 14, 13),
    "Nutrition": FundingProfile(9, 3_412_080, 6, 5),
    "Child Protection": FundingProfile(12, 10_604_730, 12, 9),
    "Gender-Based Violence": FundingProfile(13, 4_187_260, 9, 8),
    "Protection (General)": FundingProfile(10, 33_918_640, 22, 25, 700_000),
    "Shelter": FundingProfile(4, 12_309_150, 10, 9, 600_000),
    "WASH": FundingProfile(11, 16_827_390, 13, 14, 900_000),
    "Common Services": FundingProfile(26480, 14_120_480, 8, 6),
    "Not specified": FundingProfile(0, 142_006_400, 16, 20),
}
"""Human Trafficking & Smuggling is spelt out flow by flow in HTS_FLOWS."""

HEALTH_PLATFORMS_USD: dict[str, int] = {
    "Colombia": 24_100_000, "Peru": 9_800_000, "Ecuador": 8_600_000, "Brazil": 5_100_000, "Caribbean": 1_900_000,
    "Southern Cone": 1_200_000, "Central America & Mexico": 740_000, "Chile": 460_000, "": 6_500_000,
}
HEALTH_DONORS_USD = (21_300_000, 11_700_000, 7_900_000, 5_200_000)

FUNDING_WEIGHTS: dict[tuple[str, ...], int] = {
    ("Colombia",): 420, ("Ecuador",): 120, ("Peru",): 150, ("Brazil",): 70, ("Chile",): 14, ("Argentina",): 9,
    ("Bolivia",): 6, ("Uruguay",): 4, ("Costa Rica",): 5, ("Panama",): 6, ("Dominican Republic",): 7, ("Guyana",): 5,
    ("Trinidad and Tobago",): 9, ("Colombia", "Ecuador"): 24, ("Aruba", "Curacao"): 3, (): 150,
}
"""How a sector's money is designated: one country, several (shared), or none."""

HTS_FLOWS: tuple[tuple[int, tuple[str, ...], int], ...] = (
    (0, (), 540_000), (0, ("Peru",), 360_000), (1, ("Colombia",), 190_000), (1, (), 220_000), (2, (), 160_000),
)
"""Donor number, countries, US$: 900,000, 410,000 and 160,000 from three donors to one organisation."""

SHARED_FLOWS: tuple[tuple[tuple[int, ...], tuple[str, ...], int], ...] = (
    ((7, 11), ("Colombia",), 12_400_000), ((6, 9), ("Peru",), 6_150_000), ((10, 12, 13), ("Ecuador",), 4_820_000),
    ((10, 26546), (), 1_260_000), ((3, 12), ("Brazil",), 3_940_000), ((4, 6, 26479), ("Colombia", "Peru"), 9_700_000),
    ((2, 10), (), 5_130_000), ((7, 10), ("Trinidad and Tobago",), 2_800_000),
)
"""Global clusters, countries, US$ of flows to several sectors at once."""

PLEDGES: tuple[tuple[int, int, tuple[str, ...], int], ...] = (
    (20, 7, ("Colombia",), 3_500_000), (21, 26546, (), 750_000), (22, 0, (), 8_000_000),
)
"""Donor number, global cluster (0: none), countries, US$: promised, never counted."""

CLUSTER_NAMES: dict[int, str] = {
    2: "Early Recovery", 3: "Education", 4: "Emergency Shelter and NFI", 6: "Food Security", 7: "Health",
    8: "Logistics", 9: "Nutrition", 10: "Protection", 11: "Water Sanitation Hygiene",
    12: "Protection - Child Protection", 13: "Protection - Gender-Based Violence", 26479: "Multi-sector",
    26480: "Coordination and support services", 26546: "Protection - Human Trafficking & Smuggling",
}
"""FTS global clusters; the ids are the key, the names have changed over the years."""

LOCATIONS: dict[str, tuple[int, str]] = {
    "Argentina": (11, "Argentina"), "Aruba": (13, "Aruba"), "Bolivia": (27, "Bolivia, Plurinational State of"),
    "Brazil": (32, "Brazil"), "Chile": (45, "Chile"), "Colombia": (49, "Colombia"), "Costa Rica": (54, "Costa Rica"),
    "Curacao": (58, "Curaçao"), "Dominican Republic": (64, "Dominican Republic"), "Ecuador": (65, "Ecuador"),
    "Guyana": (95, "Guyana"), "Mexico": (144, "Mexico"), "Panama": (172, "Panama"), "Paraguay": (174, "Paraguay"),
    "Peru": (175, "Peru"), "Trinidad and Tobago": (227, "Trinidad and Tobago"), "Uruguay": (239, "Uruguay"),
}
"""FTS location ids and names."""
# fmt: on
