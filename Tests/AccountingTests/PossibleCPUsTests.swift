import BPF
import TestSupport
import Testing

@Suite struct PossibleCPUsTests {
    @Test(
        arguments: [
            ("0-3,8-11\n", [0, 1, 2, 3, 8, 9, 10, 11]), ("1\n", [1]), ("0-7\n", nil), ("0\n", nil), ("\n", nil),
            ("nonsense\n", nil),
        ] as [(String, [Int]?)])
    func onlyListsWithGapsMatter(list: String, expected: [Int]?) throws {
        let sysfs = try TemporaryDirectory()
        try sysfs.write(list, to: "devices/system/cpu/possible")
        #expect(PossibleCPUs.gappy(sysfs: sysfs.path) == expected)
    }

    @Test func valuesGoToTheirCPUsAndGapsAreEmpty() {
        // What an earlier reading left, and in front what the kernel wrote.
        var values: [UInt64] = [10, 11, 18, 19, 94, 95, 96, 97, 98, 99]
        PossibleCPUs.spread(&values, over: [0, 1, 8, 9])
        #expect(values == [10, 11, 0, 0, 0, 0, 0, 0, 18, 19])
        values = [13, 15, 92, 93, 94, 95]
        PossibleCPUs.spread(&values, over: [3, 5])
        #expect(values == [0, 0, 0, 13, 0, 15])
    }
}
