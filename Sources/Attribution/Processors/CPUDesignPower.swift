internal import Units

/// The power that a processor's cooling is designed for, by its name.
///
/// Design power (TDP) by the list of CodeCarbon (https://github.com/mlco2/codecarbon, data/hardware/cpu_power.csv, MIT,
/// 2025), which gathers the makers' figures; cores by the results of SPECpower_ssj2008 and the makers' data sheets
/// (ark.intel.com, amd.com, 2014 to 2025). Server parts that are common in clouds and racks.
package enum CPUDesignPower {
    /// Watts of design power per hardware thread of a part with this name (as in /proc/cpuinfo); nil where it is not
    /// in the table, which many names in virtual machines are not. O(table); asked once.
    package static func wattsPerThread(named name: String) -> Double? {
        let key = key(of: name)
        guard !key.isEmpty else { return nil }
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 2)
            guard fields.count == 3, let threads = Double(fields[0]), let watts = Double(fields[1]) else { continue }
            for entry in fields[2].split(separator: ",") where entry.lowercased() == key { return watts / threads }
        }
        return nil
    }

    /// What is left of a name without what all have: `platinum 8275cl`, `epyc 7763`, `e5-2686 v4`.
    static func key(of name: String) -> String {
        let noise: Set<Substring> = ["intel", "amd", "xeon", "cpu", "processor"]
        let plain = name.prefix { $0 != "@" }.lowercased().split(separator: "(r)").joined()
        let words = plain.split(separator: "(tm)").joined().split(separator: " ")
        return words.filter { !noise.contains($0) && !$0.hasSuffix("-core") }.joined(separator: " ")
    }

    /// Threads and watts of one package, and the names of those that have them.
    private static let table = """
        8 80 E5-2609
        12 80 E5-2620 v2,E5-2630 v2
        12 85 E5-2620 v3
        12 95 E5-2440,E5-2620,E5-2630,E5-2640,E5-4607
        16 65 EPYC 4344P
        16 70 E5-2450L,E5-2650L
        16 80 EPYC 8024PN
        16 85 E5-2620 v4,E5-2630 v3,Silver 4108,Silver 4110,Silver 4208,Silver 4215
        16 90 E5-2640 v3,EPYC 8024P
        16 95 6369P,E5-2450,E5-2470,E5-2640 v2,E5-2650,E5-2650 v2,E5-2660,E5-4640
        16 105 Silver 4309Y
        16 115 E5-2665,E5-2670,E5-4650L
        16 120 EPYC 7232P,EPYC 7251,EPYC 7252
        16 130 E5-2680,E5-4650
        16 135 E5-2667 v4,E5-2690
        16 150 Gold 6244
        16 155 EPYC 7262
        16 165 Gold 6334
        20 85 E5-2630 v4,Gold 5115,Gold 5215,Silver 4114,Silver 4210
        20 90 E5-2640 v4
        20 95 E5-2660 v2
        20 100 Silver 4210R
        20 105 E5-2650 v3,E5-2660 v3
        20 115 E5-2670 v2,E5-2680 v2
        20 130 E5-2690 v2,E7-4870
        24 65 EPYC 4465P
        24 85 Silver 4116,Silver 4214
        24 100 Silver 4214R
        24 105 E5-2650 v4,Gold 5118
        24 115 E5-2695 v2
        24 120 E5-2670 v3,E5-2680 v3,EPYC 7272,Silver 4310
        24 125 Gold 6126,Gold 6226
        24 130 E5-2697 v2
        24 135 E5-2690 v3
        24 150 Gold 5317,Silver 4410Y,Silver 4510
        24 240 Platinum 8151
        28 105 E5-2660 v4,Gold 5117,Gold 5120
        28 120 E5-2680 v4,E5-2695 v3
        28 135 E5-2690 v4
        28 140 Gold 6132
        28 145 E5-2697 v3
        32 100 EPYC 8124PN,Silver 4216
        32 120 E5-2682 v4,E5-2683 v4,EPYC 4584PX,EPYC 7282
        32 125 EPYC 8124P,Gold 5218,Gold 6130
        32 135 E5-2698 v3,Silver 4314
        32 145 E5-2697A v4
        32 150 Gold 5416S,Gold 6142,Gold 6226R,Gold 6242,Silver 4514Y
        32 155 EPYC 7302,EPYC 7302P,EPYC 7313,EPYC 7313P
        32 170 EPYC 7281,EPYC 7301,EPYC 7351
        32 185 Gold 6326,Gold 6426Y
        32 190 EPYC 7343
        32 200 EPYC 7371,EPYC 9124,EPYC 9135
        32 205 Gold 6246R,Gold 6346
        32 240 EPYC 73F3,EPYC 7F52
        32 270 Gold 6444Y
        32 320 EPYC 9174F
        36 120 E5-2695 v4
        36 125 Gold 5220
        36 135 E5-4669 v3
        36 140 Gold 6140
        36 145 E5-2686 v4,E5-2697 v4,E5-2699 v3
        36 150 Gold 6240
        36 165 Gold 6150
        36 200 Gold 6154,Gold 6254
        36 205 Gold 6354
        36 240 Platinum 8124M
        40 125 Gold 5218R,Gold 6138,Gold 6230
        40 135 E5-2698 v4
        40 150 Gold 6148,Gold 6248,Silver 4316
        40 165 Silver 4416+
        40 205 Gold 6242R
        44 135 E5-4669 v4
        44 140 Gold 6152,Gold 6238
        44 145 E5-2699 v4
        48 120 EPYC 8224PN
        48 150 Gold 5220R,Gold 6252,Platinum 8160
        48 155 EPYC 7352
        48 160 EPYC 8224P
        48 165 Gold 5318Y,Gold 6240R,Platinum 8260
        48 170 EPYC 7401
        48 180 EPYC 7402,EPYC 7402P,EPYC 7413,EPYC 7451
        48 185 Gold 5418Y,Gold 6336Y,Silver 4516Y+
        48 200 EPYC 7443,EPYC 7443P,EPYC 9224,EPYC 9254,EPYC 9255
        48 205 Gold 6248R,Platinum 8168,Platinum 8268
        48 210 Platinum 8259CL
        48 225 Gold 6442Y
        48 230 Gold 6342
        48 240 EPYC 74F3,EPYC 7F72,Platinum 8175M,Platinum 8275CL
        48 250 Gold 6542Y
        48 320 EPYC 9274F
        52 150 Gold 6230R,Platinum 8164
        52 165 Platinum 8170
        52 195 Platinum 8272CL
        52 205 Platinum 8270
        56 165 Gold 6238R,Platinum 8176,Platinum 8176M,Platinum 8276,Platinum 8276L,Platinum 8276M
        56 205 Gold 5520+,Gold 6258R,Gold 6330,Platinum 8180,Platinum 8280,Platinum 8280L,Platinum 8376HL
        56 225 EPYC 7453
        56 235 Gold 6348
        56 250 Platinum 8380H,Platinum 8380HL
        64 130 EPYC 8324PN
        64 155 EPYC 7452
        64 170 EPYC 7501
        64 180 EPYC 7502,EPYC 7502P,EPYC 7551,EPYC 7551P,EPYC 7601,EPYC 8324P
        64 185 Gold 6338N,Gold 6421N,Gold 6428N,Platinum 8352M
        64 200 EPYC 7513,EPYC 7532
        64 205 Gold 6314U,Gold 6338,Gold 6433N,Gold 6438M,Gold 6438N,Gold 6438Y+,Platinum 8352Y
        64 210 EPYC 9334,EPYC 9335
        64 225 EPYC 7542,EPYC 7543,EPYC 7543P,Gold 6448Y,Gold 6538Y+
        64 250 Gold 6414U,Gold 6548Y+,Platinum 8358
        64 265 Platinum 8362
        64 270 Gold 6430,Gold 6454S,Gold 6530
        64 280 EPYC 75F3,EPYC 9354,EPYC 9354P,EPYC 9355,EPYC 9355P
        64 300 Platinum 8375C,Platinum 8462Y+,Platinum 8562Y+
        64 320 EPYC 9374F,EPYC 9375F
        64 350 Gold 6458Q,Gold 6558Q
        72 250 Platinum 8360Y
        72 300 EPYC 9365
        76 270 Platinum 8368,Platinum 8368Q
        80 270 Platinum 8380
        80 300 Platinum 8460Y+
        96 155 EPYC 8434PN
        96 200 EPYC 7552,EPYC 8434P
        96 225 EPYC 7642,EPYC 7643,EPYC 7R13
        96 290 EPYC 9454,EPYC 9454P
        96 300 EPYC 9455,EPYC 9455P
        96 350 Platinum 8468
        96 360 EPYC 9474F
        96 400 EPYC 9475F
        104 300 Platinum 8471N
        104 350 Platinum 8470
        112 240 EPYC 7663
        112 350 Platinum 8480+
        120 270 Platinum 8581V
        120 350 Platinum 8490H
        128 175 EPYC 8534PN
        128 200 EPYC 7702,EPYC 7702P,EPYC 8534P
        128 225 EPYC 7662,EPYC 7713,EPYC 7713P,EPYC 7742
        128 280 EPYC 7763,EPYC 7773X,EPYC 7H12,EPYC 9534
        128 300 EPYC 9535
        128 350 Platinum 8592+
        128 360 EPYC 9554,EPYC 9554P,EPYC 9555,EPYC 9555P
        128 400 EPYC 9575F
        144 250 6766E
        144 330 6780E
        144 400 EPYC 9565
        168 290 EPYC 9634
        172 350 6787P,6788P
        192 320 EPYC 9645
        192 360 EPYC 9654,EPYC 9654P
        192 400 EPYC 9655,EPYC 9655P,EPYC 9684X
        224 340 EPYC 9734
        256 360 EPYC 9754
        256 400 EPYC 9745
        256 500 6980P,EPYC 9755
        288 390 EPYC 9825
        320 390 EPYC 9845
        384 500 EPYC 9965
        """
}
