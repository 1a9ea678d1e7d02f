// Life-cycle carbon intensity of electricity, yearly mean of the latest year known for each country, gCO2e/kWh.
//
// Source: Our World in Data, "Carbon intensity of electricity generation", processed from Ember, "Yearly Electricity
// Data", https://ourworldindata.org/grapher/carbon-intensity-electricity. Licence: CC BY 4.0. Rounded to 0.01.
//
// A row is alpha-2 and alpha-3 code (ISO 3166-1; `-` for none), the year of the value, the value, and the name. The
// source's Central African Republic is left out: its 0 g is a gap in the data, no grid is free of emissions over its
// life cycle.
extension CarbonIntensity {
    static let countryRows = """
        AE ARE 2024 467.51 United Arab Emirates
        AF AFG 2024 131.31 Afghanistan
        AG ATG 2024 594.60 Antigua and Barbuda
        AL ALB 2024 25.18 Albania
        AM ARM 2025 211.93 Armenia
        AO AGO 2024 185.38 Angola
        AR ARG 2025 346.00 Argentina
        AS ASM 2024 611.11 American Samoa
        AT AUT 2025 116.91 Austria
        AU AUS 2025 525.18 Australia
        AW ABW 2024 550.00 Aruba
        AZ AZE 2025 631.90 Azerbaijan
        BA BIH 2025 570.64 Bosnia and Herzegovina
        BB BRB 2024 594.60 Barbados
        BD BGD 2025 696.13 Bangladesh
        BE BEL 2025 149.82 Belgium
        BF BFA 2024 562.13 Burkina Faso
        BG BGR 2025 275.55 Bulgaria
        BH BHR 2024 902.24 Bahrain
        BI BDI 2024 183.67 Burundi
        BJ BEN 2024 584.16 Benin
        BM BMU 2024 639.34 Bermuda
        BN BRN 2024 892.09 Brunei
        BO BOL 2025 481.29 Bolivia
        BR BRA 2025 109.95 Brazil
        BS BHS 2024 653.33 Bahamas
        BT BTN 2024 23.64 Bhutan
        BW BWA 2024 851.31 Botswana
        BY BLR 2025 309.25 Belarus
        BZ BLZ 2024 170.21 Belize
        CA CAN 2025 190.72 Canada
        CD COD 2024 27.64 Democratic Republic of Congo
        CG COG 2024 716.12 Congo
        CH CHE 2025 39.22 Switzerland
        CI CIV 2024 405.01 Cote d'Ivoire
        CK COK 2024 250.00 Cook Islands
        CL CHL 2025 289.49 Chile
        CM CMR 2024 225.90 Cameroon
        CN CHN 2025 525.34 China
        CO COL 2025 186.81 Colombia
        CR CRI 2025 24.20 Costa Rica
        CU CUB 2024 642.82 Cuba
        CV CPV 2024 461.54 Cape Verde
        CY CYP 2025 489.00 Cyprus
        CZ CZE 2025 401.46 Czechia
        DE DEU 2025 329.65 Germany
        DJ DJI 2024 450.00 Djibouti
        DK DNK 2025 114.41 Denmark
        DM DMA 2023 600.00 Dominica
        DO DOM 2025 537.48 Dominican Republic
        DZ DZA 2024 632.94 Algeria
        EC ECU 2025 159.02 Ecuador
        EE EST 2025 319.15 Estonia
        EG EGY 2025 563.23 Egypt
        EH ESH 2009 666.67 Western Sahara
        ER ERI 2024 577.78 Eritrea
        ES ESP 2025 153.60 Spain
        ET ETH 2025 23.08 Ethiopia
        EU - 2025 209.90 European Union (27)
        FI FIN 2025 57.47 Finland
        FJ FJI 2024 278.26 Fiji
        FK FLK 2023 1000.00 Falkland Islands
        FO FRO 2023 346.94 Faroe Islands
        FR FRA 2025 41.44 France
        GA GAB 2024 523.08 Gabon
        GB GBR 2025 217.41 United Kingdom
        GD GRD 2024 666.67 Grenada
        GE GEO 2025 145.93 Georgia
        GF GUF 2023 244.90 French Guiana
        GH GHA 2024 468.89 Ghana
        GI GIB 2024 590.91 Gibraltar
        GL GRL 2024 150.00 Greenland
        GM GMB 2024 666.67 Gambia
        GN GIN 2024 181.14 Guinea
        GP GLP 2023 497.01 Guadeloupe
        GQ GNQ 2024 644.30 Equatorial Guinea
        GR GRC 2025 315.09 Greece
        GT GTM 2024 301.46 Guatemala
        GU GUM 2024 607.53 Guam
        GW GNB 2024 625.00 Guinea-Bissau
        GY GUY 2024 644.93 Guyana
        HK HKG 2024 675.48 Hong Kong
        HN HND 2024 322.12 Honduras
        HR HRV 2025 158.50 Croatia
        HT HTI 2024 534.88 Haiti
        HU HUN 2025 163.02 Hungary
        ID IDN 2024 680.25 Indonesia
        IE IRL 2025 256.54 Ireland
        IL ISR 2025 492.69 Israel
        IN IND 2025 670.13 India
        IQ IRQ 2024 683.10 Iraq
        IR IRN 2025 659.53 Iran
        IS ISL 2024 27.82 Iceland
        IT ITA 2025 284.78 Italy
        JM JAM 2024 563.01 Jamaica
        JO JOR 2024 529.79 Jordan
        JP JPN 2025 477.26 Japan
        KE KEN 2025 95.44 Kenya
        KG KGZ 2025 152.73 Kyrgyzstan
        KH KHM 2025 498.87 Cambodia
        KI KIR 2024 500.00 Kiribati
        KM COM 2023 642.86 Comoros
        KN KNA 2024 608.70 Saint Kitts and Nevis
        KP PRK 2024 340.59 North Korea
        KR KOR 2025 417.06 South Korea
        KW KWT 2025 635.31 Kuwait
        KY CYM 2024 633.80 Cayman Islands
        KZ KAZ 2025 805.32 Kazakhstan
        LA LAO 2024 232.08 Laos
        LB LBN 2024 389.51 Lebanon
        LC LCA 2024 650.00 Saint Lucia
        LK LKA 2025 329.28 Sri Lanka
        LR LBR 2024 315.79 Liberia
        LS LSO 2022 20.83 Lesotho
        LT LTU 2025 138.36 Lithuania
        LU LUX 2025 123.38 Luxembourg
        LV LVA 2025 138.76 Latvia
        LY LBY 2024 826.83 Libya
        MA MAR 2025 596.40 Morocco
        MD MDA 2025 633.12 Moldova
        ME MNE 2025 264.23 Montenegro
        MG MDG 2024 432.10 Madagascar
        MK MKD 2025 441.35 North Macedonia
        ML MLI 2024 538.59 Mali
        MM MMR 2024 502.99 Myanmar
        MN MNG 2025 816.31 Mongolia
        MO MAC 2024 474.36 Macao
        MQ MTQ 2023 529.80 Martinique
        MR MRT 2024 512.08 Mauritania
        MS MSR 2024 1000.00 Montserrat
        MT MLT 2025 484.02 Malta
        MU MUS 2024 642.23 Mauritius
        MV MDV 2024 611.77 Maldives
        MW MWI 2024 54.65 Malawi
        MX MEX 2025 474.02 Mexico
        MY MYS 2025 601.97 Malaysia
        MZ MOZ 2024 129.36 Mozambique
        NA NAM 2024 48.78 Namibia
        NC NCL 2024 560.90 New Caledonia
        NE NER 2024 673.68 Niger
        NG NGA 2025 455.71 Nigeria
        NI NIC 2024 300.89 Nicaragua
        NL NLD 2025 253.56 Netherlands
        NO NOR 2025 28.11 Norway
        NP NPL 2024 24.26 Nepal
        NR NRU 2024 600.00 Nauru
        NZ NZL 2025 92.76 New Zealand
        OM OMN 2025 544.47 Oman
        PA PAN 2024 221.15 Panama
        PE PER 2025 238.25 Peru
        PF PYF 2024 430.56 French Polynesia
        PG PNG 2024 513.74 Papua New Guinea
        PH PHL 2025 588.29 Philippines
        PK PAK 2025 346.56 Pakistan
        PL POL 2025 588.60 Poland
        PM SPM 2023 600.00 Saint Pierre and Miquelon
        PR PRI 2025 654.66 Puerto Rico
        PS PSE 2024 414.14 Palestine
        PT PRT 2025 127.91 Portugal
        PY PRY 2025 24.70 Paraguay
        QA QAT 2025 581.52 Qatar
        RE REU 2023 394.14 Reunion
        RO ROU 2025 250.75 Romania
        RS SRB 2025 695.80 Serbia
        RU RUS 2025 449.73 Russia
        RW RWA 2024 353.98 Rwanda
        SA SAU 2024 691.95 Saudi Arabia
        SB SLB 2024 636.36 Solomon Islands
        SC SYC 2024 555.56 Seychelles
        SD SDN 2024 153.69 Sudan
        SE SWE 2025 35.26 Sweden
        SG SGP 2025 497.09 Singapore
        SH SHN 2023 1000.00 Saint Helena
        SI SVN 2025 183.29 Slovenia
        SK SVK 2025 94.85 Slovakia
        SL SLE 2024 47.62 Sierra Leone
        SN SEN 2024 539.97 Senegal
        SO SOM 2024 511.63 Somalia
        SR SUR 2024 321.84 Suriname
        SS SSD 2024 642.86 South Sudan
        ST STP 2023 555.56 Sao Tome and Principe
        SV SLV 2025 139.32 El Salvador
        SY SYR 2024 706.19 Syria
        SZ SWZ 2024 131.15 Eswatini
        TC TCA 2024 629.63 Turks and Caicos Islands
        TD TCD 2024 621.62 Chad
        TG TGO 2024 422.54 Togo
        TH THA 2025 545.74 Thailand
        TJ TJK 2025 72.56 Tajikistan
        TL TLS 2024 666.67 East Timor
        TM TKM 2024 1306.27 Turkmenistan
        TN TUN 2025 560.29 Tunisia
        TO TON 2024 571.43 Tonga
        TR TUR 2025 474.74 Turkey
        TT TTO 2024 681.68 Trinidad and Tobago
        TW TWN 2025 633.21 Taiwan
        TZ TZA 2024 345.02 Tanzania
        UA UKR 2022 250.47 Ukraine
        UG UGA 2024 58.52 Uganda
        US USA 2025 384.40 United States
        UY URY 2025 80.40 Uruguay
        UZ UZB 2025 1000.00 Uzbekistan
        VC VCT 2024 600.00 Saint Vincent and the Grenadines
        VE VEN 2024 85.86 Venezuela
        VG VGB 2023 647.06 British Virgin Islands
        VI VIR 2023 632.35 United States Virgin Islands
        VN VNM 2025 460.73 Vietnam
        VU VUT 2023 500.00 Vanuatu
        WS WSM 2024 375.00 Samoa
        XK XKX 2025 900.94 Kosovo
        YE YEM 2024 592.38 Yemen
        ZA ZAF 2025 699.29 South Africa
        ZM ZMB 2024 119.68 Zambia
        ZW ZWE 2024 384.02 Zimbabwe
        """
}
