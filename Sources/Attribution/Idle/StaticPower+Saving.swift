internal import Units

/// What was learned, as numbers that can be kept: it is as true after a restart, and after a boot of the same machine.
extension StaticPower {
    /// The present figure, W, then the sums of each level of load; nil where nothing was learned.
    package var saved: [Double]? {
        guard let estimate, levels.quietest != nil else { return nil }
        return [estimate.power.value] + levels.levels.flatMap(\.numbers)
    }

    /// Takes up what ``saved`` gave; false for numbers that it cannot have given, which change nothing.
    ///
    /// - Parameter isSameBoot: settings of the machine may have changed since, and new evidence soon weighs more.
    @discardableResult
    package mutating func restore(_ numbers: [Double], isSameBoot: Bool) -> Bool {
        let width = LoadLevels.Sums.width
        guard numbers.count == 1 + LoadLevels.count * width, let power = numbers.first, (1e-6...1e6).contains(power)
        else { return false }
        var earlier = LoadLevels()
        for index in 0..<LoadLevels.count {
            let start = 1 + index * width
            guard let sums = LoadLevels.Sums(numbers: numbers[start..<start + width]) else { return false }
            earlier.levels[index] = sums
        }
        guard earlier.quietest != nil else { return false }
        if !isSameBoot { earlier.discount(to: Self.weightAfterBoot) }
        resume(earlier, power: Watts(power))
        return true
    }

    /// Blocks that a level weighs at most: a minute.
    private static let weightAfterBoot = 20.0
}

extension LoadLevels.Sums {
    static let width = 13

    fileprivate var numbers: [Double] {
        [count, lowest, power, powerSquare] + [shapes, shapeSquare, product].flatMap { [$0[0], $0[1], $0[2]] }
    }

    /// nil where the numbers cannot be sums of anything.
    fileprivate init?(numbers: ArraySlice<Double>) {
        let all = Array(numbers)
        guard all.count == Self.width, all.allSatisfy({ $0.isFinite && $0 >= 0 }), all[0] <= 1e7, all[1] <= 1 else {
            return nil
        }
        self.init()
        // A level that is almost forgotten is as good as none.
        guard all[0] > 1e-3 else { return }
        let mean = all[2] / all[0]
        guard (1e-6...1e6).contains(mean), all[3] / all[0] >= mean * mean * (1 - 1e-6),
            (4..<7).allSatisfy({ all[$0] <= all[0] * 1.001 })
        else { return nil }
        (count, lowest, power, powerSquare) = (all[0], all[1], all[2], all[3])
        for lane in 0..<3 {
            shapes[lane] = all[4 + lane]
            shapeSquare[lane] = all[7 + lane]
            product[lane] = all[10 + lane]
        }
    }
}
