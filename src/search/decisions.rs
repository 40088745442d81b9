//! What a projection has decided, and what it has under test.

use super::asking::Search;
use super::kind::Kind;
use super::projection::{Decision, Member};
use crate::sources::spaces::{self, Layout};

impl Search {
    /// What a projection has decided, in the order of its rounds; empty elsewhere.
    #[must_use]
    pub fn decisions(&self) -> Vec<Decision> {
        self.of_members(|member, network, layout, all| {
            all.extend(member.decided(network, layout));
        })
    }

    /// What a projection has under test, one for each network; empty elsewhere.
    #[must_use]
    pub fn undecided(&self) -> Vec<Decision> {
        self.of_members(|member, network, layout, all| all.extend(member.open(network, layout)))
    }

    fn of_members(
        &self,
        take: impl Fn(&Member, u64, &Layout, &mut Vec<Decision>),
    ) -> Vec<Decision> {
        let space = spaces::by_name(&self.plan.space).ok();
        let layout = space.and_then(spaces::Space::layout);
        let mut all = Vec::new();
        if let (Kind::Projection(projection), Some(layout)) = (&self.data.strategy, layout) {
            for (network, member) in (0..).zip(&projection.members) {
                take(member, network, layout, &mut all);
            }
        }
        all
    }
}
