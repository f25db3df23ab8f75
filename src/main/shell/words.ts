/** The few sentences that the shell itself says, in the languages of the program. */
import type { WindowState } from './window-state.ts';

interface Words {
  pick: Record<'model' | 'gguf' | 'dataset' | 'recipe' | 'folder', string>; files: Record<'gguf' | 'dataset' | 'recipe', string>;
  quitTitle: (n: number) => string; quitDetail: string; keep: string; stop: string; cancel: string; stopFailed: string; stopFailedDetail: string; quitAnyway: string;
}
export const WORDS: Record<WindowState['locale'], Words> = {
  en: {
    pick: { model: 'Choose a model folder', gguf: 'Choose a GGUF file', dataset: 'Choose a dataset file', recipe: 'Choose a recipe', folder: 'Choose a folder' }, files: { gguf: 'GGUF models', dataset: 'Datasets', recipe: 'Recipes' },
    quitTitle: (n) => (n === 1 ? 'A run is still in work.' : `${n} runs are still in work.`),
    quitDetail: 'Keep running: the window closes and training goes on; start Anneal again to see it. Stop safely: the current step is finished and saved, and the run can be resumed.',
    keep: 'Keep running', stop: 'Stop safely', cancel: 'Cancel', stopFailed: 'The runs could not be stopped in time.', stopFailedDetail: 'If you quit now, they continue from their last checkpoint at the next start.', quitAnyway: 'Quit anyway',
  },
  'zh-CN': {
    pick: { model: '选择模型文件夹', gguf: '选择 GGUF 文件', dataset: '选择数据集文件', recipe: '选择配方文件', folder: '选择文件夹' }, files: { gguf: 'GGUF 模型', dataset: '数据集', recipe: '配方' },
    quitTitle: (n) => `还有 ${n} 个训练任务正在进行。`,
    quitDetail: '继续运行：窗口关闭，训练在后台继续；再次启动 Anneal 即可查看。安全停止：完成当前步骤并保存，之后可以恢复。',
    keep: '继续运行', stop: '安全停止', cancel: '取消', stopFailed: '未能及时停止训练任务。', stopFailedDetail: '如果现在退出，下次启动时将从最近的检查点继续。', quitAnyway: '仍然退出',
  },
};
