/// The sums of a weighted least-squares fit: Gram matrix, right-hand side, and the sums that the intercept is fitted by.
///
/// Unknowns are ordered by slot, then by feature.
struct NormalEquations: Sendable {
    typealias Vector = PowerRegression.Vector

    private let width: Int
    private let dimension: Int
    /// Sum of the weighted products of features, row by row.
    private var gram: [Double]
    /// Sum of the weighted products of features and power.
    private var rightHandSide: [Double]
    /// Sums of the weighted features, of the weighted power, and of the weights.
    private(set) var featureSum: [Double]
    private(set) var powerSum = 0.0
    private(set) var weightSum = 0.0
    /// Time since the sums faded last, s.
    private var unfaded = 0.0
    /// Of the window that is being added.
    private var weight = 0.0
    private var power = 0.0

    init(slots: Int, width: Int) {
        self.width = width
        dimension = slots * width
        gram = [Double](repeating: 0, count: dimension * dimension)
        rightHandSide = [Double](repeating: 0, count: dimension)
        featureSum = rightHandSide
    }

    /// The number of an unknown.
    func row(_ slot: Int, _ feature: Int) -> Int { slot * width + feature }

    /// A sum of products of features, by the numbers of two unknowns.
    func product(_ row: Int, _ column: Int) -> Double { gram[row * dimension + column] }

    /// Lets the past fade with the time constant `memory`, in steps of a thousandth of it.
    mutating func fade(after seconds: Double, memory: Double) {
        unfaded += seconds
        guard unfaded > memory / 1000 else { return }
        let keep = max(0, 1 - unfaded / memory)
        unfaded = 0
        for index in gram.indices { gram[index] *= keep }
        for index in rightHandSide.indices {
            rightHandSide[index] *= keep
            featureSum[index] *= keep
        }
        weightSum *= keep
        powerSum *= keep
    }

    /// Begins a window.
    mutating func begin(weight: Double, power: Double) {
        self.weight = weight
        self.power = power
        weightSum += weight
        powerSum += weight * power
    }

    /// Adds the products of the features of two slots.
    mutating func add(_ one: Vector, at slot: Int, _ another: Vector, at other: Int, features: [Int]) {
        gram.withUnsafeMutableBufferPointer { gram in
            for row in features {
                let start = (slot * width + row) * dimension + other * width
                let factor = weight * one[row]
                for column in features { gram[start + column] += factor * another[column] }
            }
        }
    }

    /// Adds the products of the features of a slot and the power.
    mutating func add(_ vector: Vector, at slot: Int, features: [Int]) {
        for row in features {
            featureSum[slot * width + row] += weight * vector[row]
            rightHandSide[slot * width + row] += weight * vector[row] * power
        }
    }

    /// Takes a slot out of the equations, its coefficients being fixed at `value`.
    mutating func fix(slot: Int, at value: Vector) {
        for column in slot * width..<(slot + 1) * width {
            let value = value[column - slot * width]
            powerSum -= featureSum[column] * value
            featureSum[column] = 0
            for row in 0..<dimension {
                rightHandSide[row] -= gram[row * dimension + column] * value
                gram[row * dimension + column] = 0
                gram[column * dimension + row] = 0
            }
        }
        for row in slot * width..<(slot + 1) * width { rightHandSide[row] = 0 }
    }

    /// What the right-hand side of an unknown has left beyond the present solution.
    ///
    /// - Parameters:
    ///   - row: number of the unknown.
    ///   - solution: by number of the unknown.
    ///   - unknowns: numbers of those that are not zero.
    func residual(_ row: Int, intercept: Double, of solution: [Double], unknowns: [Int]) -> Double {
        let line = row * dimension
        // Four sums: one would wait for each addition to end before it begins the next.
        var sums = SIMD4<Double>.zero
        gram.withUnsafeBufferPointer { gram in
            solution.withUnsafeBufferPointer { solution in
                unknowns.withUnsafeBufferPointer { unknowns in
                    var next = 0
                    while next + 4 <= unknowns.count {
                        let (a, b, c, d) = (unknowns[next], unknowns[next + 1], unknowns[next + 2], unknowns[next + 3])
                        sums +=
                            SIMD4(gram[line + a], gram[line + b], gram[line + c], gram[line + d])
                            * SIMD4(solution[a], solution[b], solution[c], solution[d])
                        next += 4
                    }
                    while next < unknowns.count {
                        sums[0] += gram[line + unknowns[next]] * solution[unknowns[next]]
                        next += 1
                    }
                }
            }
        }
        return rightHandSide[row] - featureSum[row] * intercept - sums.sum()
    }
}
