/** Report cards of reward runs; a run's record names its last one. */
import { rewardCard } from '../../shared/schema/reward.ts';
import type { RewardCard } from '../../shared/schema/reward.ts';
import { Collection } from './collection.ts';
import type { Connection } from './connection.ts';

export const rewardCards = (connection: Connection): Collection<RewardCard> => new Collection<RewardCard>(connection, { table: 'reward_cards', schema: rewardCard, noun: 'report card' });
