/** All texts, one file an area and language. A new area: one line here for each language. Chinese must have the same keys (a test checks). */
import common from './locales/en/common.json' with { type: 'json' };
import errors from './locales/en/errors.json' with { type: 'json' };
import home from './locales/en/home.json' with { type: 'json' };
import models from './locales/en/models.json' with { type: 'json' };
import model from './locales/en/model.json' with { type: 'json' };
import exportWords from './locales/en/export.json' with { type: 'json' };
import datasets from './locales/en/datasets.json' with { type: 'json' };
import settings from './locales/en/settings.json' with { type: 'json' };
import train from './locales/en/train.json' with { type: 'json' };
import runs from './locales/en/runs.json' with { type: 'json' };
import run from './locales/en/run.json' with { type: 'json' };
import compare from './locales/en/compare.json' with { type: 'json' };
import zhCommon from './locales/zh-CN/common.json' with { type: 'json' };
import zhErrors from './locales/zh-CN/errors.json' with { type: 'json' };
import zhHome from './locales/zh-CN/home.json' with { type: 'json' };
import zhModels from './locales/zh-CN/models.json' with { type: 'json' };
import zhModel from './locales/zh-CN/model.json' with { type: 'json' };
import zhExport from './locales/zh-CN/export.json' with { type: 'json' };
import zhDatasets from './locales/zh-CN/datasets.json' with { type: 'json' };
import zhSettings from './locales/zh-CN/settings.json' with { type: 'json' };
import zhTrain from './locales/zh-CN/train.json' with { type: 'json' };
import zhRuns from './locales/zh-CN/runs.json' with { type: 'json' };
import zhRun from './locales/zh-CN/run.json' with { type: 'json' };
import zhCompare from './locales/zh-CN/compare.json' with { type: 'json' };

export const en = { common, errors, home, models, model, export: exportWords, datasets, settings, train, runs, run, compare };
export const zhCN = { common: zhCommon, errors: zhErrors, home: zhHome, models: zhModels, model: zhModel, export: zhExport, datasets: zhDatasets, settings: zhSettings, train: zhTrain, runs: zhRuns, run: zhRun, compare: zhCompare };
