import Attribution
import Metering
import Testing
import Units

@Suite struct PowerLimitTests {
    @Test func theZonesOwnLimitsCountWithAMargin() {
        #expect(PowerLimit.highest(.package, constraints: [95_000_000], design: nil) == Watts(285))
        #expect(PowerLimit.highest(.package, constraints: [95_000_000, 253_000_000, 0], design: nil) == Watts(759))
        #expect(PowerLimit.highest(.package, constraints: [], design: Watts(350)) == Watts(1050))
        // A limit that somebody set low on a large part.
        #expect(PowerLimit.highest(.package, constraints: [40_000_000], design: Watts(350)) == Watts(1050))
        #expect(PowerLimit.highest(.dram, constraints: [], design: Watts(350)) == Watts(1500))
    }

    @Test func smallAndSenselessLimitsDoNotCostEnergy() {
        #expect(PowerLimit.highest(.package, constraints: [6_000_000], design: nil) == Watts(200))
        for senseless in [0, 1, 4_095_875_000_000, UInt64.max] {
            #expect(PowerLimit.highest(.package, constraints: [senseless], design: nil) == Watts(3000))
        }
        #expect(PowerLimit.highest(.psys, constraints: [], design: nil) == PowerLimit.anything)
    }
}
