extension PowerRegression {
    /// The ridge of a slot's own coefficients at first and at least, in seconds of evidence that weigh as much.
    private static let firstRidge = 200.0
    private static let minRidge = 20.0
    /// The same for the intercept.
    private static let interceptRidge = 100.0

    /// How strongly a slot's coefficient is tied to the common one.
    private func ridge(_ slot: Int, _ feature: Int) -> Double {
        let regimes = max(1, slots[slot].regimes)
        return max(Self.minRidge, Self.firstRidge / regimes) * prior.square[feature]
    }

    /// Improves the coefficients and, unless it is known, the intercept.
    ///
    /// - Parameter staticPower: nil where the intercept is known.
    mutating func solve(near staticPower: Double?) {
        unknowns.removeAll(keepingCapacity: true)
        for slot in usedSlots {
            for feature in activeFeatures {
                let row = equations.row(slot, feature)
                unknowns.append(row)
                solution[row] = coefficientsOf[slot][feature]
            }
        }
        moveCommon()
        for _ in 0..<2 {
            if let staticPower { fitIntercept(near: staticPower) }
            descend()
        }
        for slot in usedSlots {
            for feature in activeFeatures {
                coefficientsOf[slot][feature] = solution[equations.row(slot, feature)]
            }
        }
    }

    private func residual(_ row: Int) -> Double {
        equations.residual(row, intercept: intercept, of: solution, unknowns: unknowns)
    }

    /// Fits the intercept to what the present coefficients leave over.
    private mutating func fitIntercept(near staticPower: Double) {
        var left = equations.powerSum + Self.interceptRidge * staticPower
        for row in unknowns { left -= equations.featureSum[row] * solution[row] }
        intercept = max(0, left / (equations.weightSum + Self.interceptRidge))
    }

    /// Moves what the workloads have in common, and all of them with it, to where the sum is met best. One coordinate
    /// after the other would take minutes for that, because each is tied to the rest: after a quiet start, in which
    /// next to nothing ran, coefficients are out by orders of magnitude.
    private mutating func moveCommon() {
        for feature in activeFeatures {
            let weight = prior.weight(of: feature)
            var slope = weight * (prior.value(of: feature) - common[feature])
            var curvature = weight
            for slot in usedSlots {
                let row = equations.row(slot, feature)
                slope += residual(row)
                for other in usedSlots { curvature += equations.product(row, equations.row(other, feature)) }
            }
            guard curvature > 0 else { continue }
            let step = slope / curvature
            common[feature] = max(0, common[feature] + step)
            for slot in usedSlots {
                let row = equations.row(slot, feature)
                solution[row] = max(0, solution[row] + step)
            }
        }
    }

    /// One sweep of coordinate descent: the common coefficients, then those of each slot.
    private mutating func descend() {
        for feature in activeFeatures {
            let weight = prior.weight(of: feature)
            var weights = weight
            var sum = weight * prior.value(of: feature)
            for slot in usedSlots where slots[slot].regimes > 0 {
                let ridge = ridge(slot, feature)
                weights += ridge
                sum += ridge * solution[equations.row(slot, feature)]
            }
            common[feature] = weights > 0 ? sum / weights : 0
        }
        for slot in usedSlots {
            for feature in activeFeatures {
                let row = equations.row(slot, feature)
                let ridge = ridge(slot, feature)
                let diagonal = equations.product(row, row)
                let divisor = diagonal + ridge
                let remaining = residual(row) + ridge * common[feature] + diagonal * solution[row]
                solution[row] = divisor > 0 ? max(0, remaining / divisor) : 0
            }
        }
    }
}
