"""One report of 2021 by the headers of its form."""

HEADERS = (
    "Appealing Organization Name,Implementation Set up,Implementing partner Name,Reporting Month,Sector,Indicator,"
    "COVID 19 situation,Support Space activity,RMRP Activity,CVA,Value of Transfer (in USD),Delivery Mechanism,Country,"
    "Admin1,Quantity of unit measured,Total monthly beneficiaries,New beneficiaries of the month,"
    "Refugees and Migrants IN DESTINATION,Refugees and Migrants IN TRANSIT,Host Communities Beneficiaries,"
    "Refugees and Migrants PENDULARS,Colombian Returnees,Women under 18,Men under 18,Women above 18,Men above 18"
)
CELLS = "IOM,No,,2021-01,Health,# of people,No,No,Yes,No,,,Peru,Lima,,5,3,,,,,,,,,"
ACTIVITY = dict(zip(HEADERS.split(","), CELLS.split(","), strict=True))
